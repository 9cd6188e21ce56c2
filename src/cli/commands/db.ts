import type { Command } from 'commander'
import { buildDatabase, databaseInfo, updateDatabase } from '../../advisories/index.js'
