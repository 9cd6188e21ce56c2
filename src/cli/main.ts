#!/usr/bin/env node
import { processIo } from './io.js'
import { runCli } from './program.js'

// The SDK tells users on stderr which versions of Node it will support next year; that is this package's business.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
process.exitCode = await runCli(process.argv.slice(2), processIo())
