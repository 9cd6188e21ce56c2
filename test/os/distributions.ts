// Contents of the files as the distributions ship them: os-release of their release packages (amazon-linux: system-release, redhat-release,
// centos-release, centos-stream-release, rocky-release, almalinux-release, oraclelinux-release, fedora-release-common, SLES-release,
// sle-micro-release, Leap-release, photon-release, azurelinux-release, mariner-release, alpine-base, wolfi-baselayout, bottlerocket-release),
// without the lines of addresses that all of them have.

/** os-release by distribution. */
export const OS_RELEASES: Readonly<Record<string, string>> = {
  'Amazon Linux 1': `NAME="Amazon Linux AMI"
VERSION="2018.03"
ID="amzn"
ID_LIKE="rhel fedora"
VERSION_ID="2018.03"
PRETTY_NAME="Amazon Linux AMI 2018.03"
ANSI_COLOR="0;33"
CPE_NAME="cpe:/o:amazon:linux:2018.03:ga"
HOME_URL="http://aws.amazon.com/amazon-linux-ami/"
`,
  'Amazon Linux 2': `NAME="Amazon Linux"
VERSION="2"
ID="amzn"
ID_LIKE="centos rhel fedora"
VERSION_ID="2"
PRETTY_NAME="Amazon Linux 2"
ANSI_COLOR="0;33"
CPE_NAME="cpe:2.3:o:amazon:amazon_linux:2"
HOME_URL="https://amazonlinux.com/"
SUPPORT_END="2026-06-30"
`,
  'Amazon Linux 2023': `NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PLATFORM_ID="platform:al2023"
PRETTY_NAME="Amazon Linux 2023.6.20250115"
ANSI_COLOR="0;33"
CPE_NAME="cpe:2.3:o:amazon:amazon_linux:2023"
VENDOR_NAME="AWS"
SUPPORT_END="2029-06-30"
`,
  'RHEL 9': `NAME="Red Hat Enterprise Linux"
VERSION="9.4 (Plow)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"
ANSI_COLOR="0;31"
LOGO="fedora-logo-icon"
CPE_NAME="cpe:/o:redhat:enterprise_linux:9::baseos"

REDHAT_BUGZILLA_PRODUCT="Red Hat Enterprise Linux 9"
REDHAT_BUGZILLA_PRODUCT_VERSION=9.4
REDHAT_SUPPORT_PRODUCT="Red Hat Enterprise Linux"
REDHAT_SUPPORT_PRODUCT_VERSION="9.4"
`,
  'CentOS 7': `NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="7"
PRETTY_NAME="CentOS Linux 7 (Core)"
ANSI_COLOR="0;31"
CPE_NAME="cpe:/o:centos:centos:7"

CENTOS_MANTISBT_PROJECT="CentOS-7"
CENTOS_MANTISBT_PROJECT_VERSION="7"
REDHAT_SUPPORT_PRODUCT="centos"
REDHAT_SUPPORT_PRODUCT_VERSION="7"

`,
  'CentOS Stream 9': `NAME="CentOS Stream"
VERSION="9"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="9"
PLATFORM_ID="platform:el9"
PRETTY_NAME="CentOS Stream 9"
ANSI_COLOR="0;31"
LOGO="fedora-logo-icon"
CPE_NAME="cpe:/o:centos:centos:9"
REDHAT_SUPPORT_PRODUCT="Red Hat Enterprise Linux 9"
REDHAT_SUPPORT_PRODUCT_VERSION="CentOS Stream"
`,
  'Rocky 9': `NAME="Rocky Linux"
VERSION="9.3 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.3"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"
ANSI_COLOR="0;32"
LOGO="fedora-logo-icon"
CPE_NAME="cpe:/o:rocky:rocky:9::baseos"
SUPPORT_END="2032-05-31"
ROCKY_SUPPORT_PRODUCT="Rocky-Linux-9"
ROCKY_SUPPORT_PRODUCT_VERSION="9.3"
`,
  'AlmaLinux 8': `NAME="AlmaLinux"
VERSION="8.9 (Midnight Oncilla)"
ID="almalinux"
ID_LIKE="rhel centos fedora"
VERSION_ID="8.9"
PLATFORM_ID="platform:el8"
PRETTY_NAME="AlmaLinux 8.9 (Midnight Oncilla)"
ANSI_COLOR="0;34"
CPE_NAME="cpe:/o:almalinux:almalinux:8::baseos"
`,
  'Oracle Linux 8': `NAME="Oracle Linux Server"
VERSION="8.9"
ID="ol"
ID_LIKE="fedora"
VARIANT="Server"
VARIANT_ID="server"
VERSION_ID="8.9"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Oracle Linux Server 8.9"
ANSI_COLOR="0;31"
CPE_NAME="cpe:/o:oracle:linux:8:9:server"
`,
  'Fedora 39': `NAME="Fedora Linux"
VERSION="39 (Cloud Edition)"
ID=fedora
VERSION_ID=39
VERSION_CODENAME=""
PLATFORM_ID="platform:f39"
PRETTY_NAME="Fedora Linux 39 (Cloud Edition)"
ANSI_COLOR="0;38;2;60;110;180"
LOGO=fedora-logo-icon
CPE_NAME="cpe:/o:fedoraproject:fedora:39"
SUPPORT_END=2024-11-12
VARIANT="Cloud Edition"
VARIANT_ID=cloud
`,
  'SLES 15 SP4': `NAME="SLES"
VERSION="15-SP4"
VERSION_ID="15.4"
PRETTY_NAME="SUSE Linux Enterprise Server 15 SP4"
ID="sles"
ID_LIKE="suse"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:suse:sles:15:sp4"
`,
  'SLES for SAP 12 SP5': `NAME="SLES_SAP"
VERSION="12-SP5"
VERSION_ID="12.5"
PRETTY_NAME="SUSE Linux Enterprise Server for SAP Applications 12 SP5"
ID="sles_sap"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:suse:sles_sap:12:sp5"
`,
  'SLE Micro 5.5': `NAME="SLE Micro"
VERSION="5.5"
VERSION_ID="5.5"
PRETTY_NAME="SUSE Linux Enterprise Micro 5.5"
ID="sle-micro"
ID_LIKE="suse"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:suse:sle-micro:5.5"
`,
  'openSUSE Leap 15.5': `NAME="openSUSE Leap"
VERSION="15.5"
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.5"
PRETTY_NAME="openSUSE Leap 15.5"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:opensuse:leap:15.5"
LOGO="distributor-logo-Leap"
`,
  'Photon 4': `NAME="VMware Photon OS"
VERSION="4.0"
ID=photon
VERSION_ID=4.0
PRETTY_NAME="VMware Photon OS/Linux"
ANSI_COLOR="1;34"
`,
  'CBL-Mariner 2': `NAME="Common Base Linux Mariner"
VERSION="2.0.20230126"
ID=mariner
VERSION_ID="2.0"
PRETTY_NAME="CBL-Mariner/Linux"
ANSI_COLOR="1;34"
`,
  'Azure Linux 3': `NAME="Microsoft Azure Linux"
VERSION="3.0.20240727"
ID=azurelinux
VERSION_ID="3.0"
PRETTY_NAME="Microsoft Azure Linux 3.0"
ANSI_COLOR="1;34"
`,
  Bottlerocket: `NAME=Bottlerocket
ID=bottlerocket
VERSION="1.19.2 (aws-k8s-1.29)"
PRETTY_NAME="Bottlerocket OS 1.19.2 (aws-k8s-1.29)"
VARIANT_ID=aws-k8s-1.29
VERSION_ID=1.19.2
BUILD_ID=29cc92cc
VENDOR_NAME=Bottlerocket
`,
  'Alpine 3.19': `NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.19.1
PRETTY_NAME="Alpine Linux v3.19"
`,
  Wolfi: `ID=wolfi
NAME="Wolfi"
PRETTY_NAME="Wolfi"
VERSION_ID="20230201"
`,
  Chainguard: `ID=chainguard
NAME="Chainguard"
PRETTY_NAME="Chainguard"
VERSION_ID="20230214"
`,
}

/** The files older than os-release, or beside it, by path: contents, id and version. */
export const RELATIVES: readonly (readonly [path: string, text: string, id: string, versionId: string])[] = [
  ['/etc/system-release', 'Amazon Linux AMI release 2018.03\n', 'amzn', '2018.03'],
  ['/etc/system-release', 'Amazon Linux release 2 (Karoo)\n', 'amzn', '2'],
  ['/etc/system-release', 'Amazon Linux release 2023 (Amazon Linux)\n', 'amzn', '2023'],
  ['/etc/system-release', 'Amazon Linux release 2023.6.20250115 (Amazon Linux)\n', 'amzn', '2023'],
  ['/etc/redhat-release', 'Red Hat Enterprise Linux Server release 7.9 (Maipo)\n', 'rhel', '7.9'],
  ['/etc/redhat-release', 'Red Hat Enterprise Linux release 9.4 (Plow)\n', 'rhel', '9.4'],
  ['/etc/centos-release', 'CentOS release 6.10 (Final)\n', 'centos', '6.10'],
  ['/etc/centos-release', 'CentOS Linux release 7.9.2009 (Core)\n', 'centos', '7.9.2009'],
  ['/etc/centos-release', 'CentOS Stream release 9\n', 'centos', '9'],
  ['/etc/rocky-release', 'Rocky Linux release 9.3 (Blue Onyx)\n', 'rocky', '9.3'],
  ['/etc/almalinux-release', 'AlmaLinux release 8.9 (Midnight Oncilla)\n', 'almalinux', '8.9'],
  ['/etc/oracle-release', 'Oracle Linux Server release 8.9\n', 'ol', '8.9'],
  ['/etc/fedora-release', 'Fedora release 39 (Thirty Nine)\n', 'fedora', '39'],
  ['/etc/SuSE-release', 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n', 'sles', '11.4'],
  [
    '/etc/SuSE-release',
    `SUSE Linux Enterprise Server 12 (x86_64)
VERSION = 12
PATCHLEVEL = 5
# This file is deprecated and will be removed in a future service pack or release.
# Please check /etc/os-release for details about this release.
`,
    'sles',
    '12.5',
  ],
  ['/etc/SuSE-release', 'SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n', 'sles', '12'],
  ['/etc/SuSE-release', 'openSUSE 42.3 (x86_64)\nVERSION = 42.3\nCODENAME = Malachite\n', 'opensuse', '42.3'],
  ['/etc/photon-release', 'VMware Photon OS 4.0\nPHOTON_BUILD_NUMBER=1526e30ba\n', 'photon', '4.0'],
  ['/etc/photon-release', 'VMware Photon Linux 2.0\nPHOTON_BUILD_NUMBER=304b817\n', 'photon', '2.0'],
  [
    '/etc/lsb-release',
    'DISTRIB_ID="VMware Photon OS"\nDISTRIB_RELEASE="4.0"\nDISTRIB_CODENAME=Photon\nDISTRIB_DESCRIPTION="VMware Photon OS 4.0"\n',
    'photon',
    '4.0',
  ],
  ['/etc/mariner-release', 'CBL-Mariner 2.0.20230126\nMARINER_BUILD_NUMBER=b7e2b4a\n', 'mariner', '2.0'],
  ['/etc/lsb-release', 'DISTRIB_ID="Mariner"\nDISTRIB_RELEASE="2.0.20230126"\nDISTRIB_CODENAME=Mariner\n', 'mariner', '2.0'],
  ['/etc/azurelinux-release', 'Microsoft Azure Linux 3.0.20240727\nAZURELINUX_BUILD_NUMBER=3.0.20240727\n', 'azurelinux', '3.0'],
  ['/etc/alpine-release', '3.19.1\n', 'alpine', '3.19.1'],
  ['/etc/debian_version', '12.5\n', 'debian', '12'],
]

/** A product of SUSE as libzypp registers it, shortened. */
export const suseProduct = (name: string, version: string, summary: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<product schemeversion="0">
  <vendor>SUSE</vendor>
  <name>${name}</name>
  <version>${version}</version>
  <baseversion>${version.split('.')[0]}</baseversion>
  <patchlevel>${version.split('.')[1] ?? 0}</patchlevel>
  <predecessor>SUSE_SLES_SAP</predecessor>
  <release>0</release>
  <endoflife></endoflife>
  <arch>x86_64</arch>
  <productline>sles</productline>
  <register>
    <pool>
      <repository project="obsrepository://build.suse.de/SUSE:SLE-15-SP4:GA/standard" name="SLES-Pool" />
    </pool>
  </register>
  <summary>${summary}</summary>
</product>
`
