import { run } from './image.js'

export interface BdbOptions {
  readonly pageSize: number
  /** As on a machine of that byte order. */
  readonly bigEndian?: boolean
}

/** A step in a database's life: store a header under a number, or delete it. */
export type BdbStep = readonly [number: number, header: Uint8Array | undefined]

// DB_File is Perl's binding of Berkeley DB 5.3. Each line of the input is a number and a header in hexadecimal, or a number to delete.
const SCRIPT = `
use strict; use DB_File; use Fcntl;
my ($path, $pageSize, $order) = @ARGV;
$DB_HASH->{bsize} = $pageSize; $DB_HASH->{lorder} = $order;
tie(my %db, 'DB_File', $path, O_RDWR | O_CREAT, 0644, $DB_HASH) or die "$path: $!";
my $pack = $order == 4321 ? 'N' : 'V';
while (<STDIN>) {
  chomp; my ($number, $hex) = split / /;
  if (defined $hex) { $db{pack($pack, $number)} = pack('H*', $hex) } else { delete $db{pack($pack, $number)} }
}
untie %db;
`

/** Writes `Packages` by Berkeley DB itself. Number 0 is rpm's counter, not a header. */
export function writeBdb(path: string, steps: readonly BdbStep[], options: BdbOptions): void {
  const input = steps.map(([number, header]) => (header ? `${number} ${Buffer.from(header).toString('hex')}\n` : `${number}\n`)).join('')
  run('perl', ['-e', SCRIPT, path, String(options.pageSize), options.bigEndian ? '4321' : '1234'], { input })
}
