/** Every queue, wait, retry, payload and log has its limit here, by name and with its unit. */

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  // work orders
  orderSizeBytesMax: 4 * MIB,
  orderDepthMax: 64,
  orderNodesMax: 200_000,
  /** Words, punctuation, line ends and comments of a YAML order; 20,000 entries of `path` and `content` are 340,000. */
  orderYamlTokensMax: 400_000,
  orderAliasesMax: 100,
  orderEffectsMax: 20_000,
  orderDocumentsMax: 64,
  orderGroupMax: 64,
  orderIdLengthMax: 128,
  orderTitleLengthMax: 512,
  inboxSettleMs: 150,
  inboxCutOffWaitMs: 2_000,
  inboxRetryMs: 1_000,
  orderFolderFilesMax: 256,
  ackSizeBytesMax: 1 * MIB,
  commandOutputBytesMax: 256 * KIB,
  commandTimeoutMs: 15 * 60_000,
  commandKillGraceMs: 2_000,
  retryDelayMsMin: 1_000,
  retryDelayMsMax: 5 * 60_000,
  staleAfterMs: 6 * 3_600_000,
  asideSettleMs: 300,

  // paths
  pathLengthBytesMax: 4_096,
  nameLengthBytesMax: 255,

  // configuration
  configSizeBytesMax: 1 * MIB,
  configAliasesMax: 100,
  configDepthMax: 100,
  configPatternsMax: 2_000,

  // vault
  blockSizeBytes: 1 * MIB,
  packSizeBytesMax: 64 * MIB,
  recordSizeBytesMax: 256 * MIB,
  versionsPerRecordMax: 16_384,
  blocksInFlightMax: 4,
  unstableReadsMax: 3,
  leaseAgeMsMax: 60 * 60_000,

  // ledger
  ledgerDataBytesMax: 256 * KIB,
  ledgerSummaryLengthMax: 2_000,
  ledgerLineBytesMax: 32 * MIB,
  ledgerWindowRecords: 20_000,
  ledgerPageRecords: 500,
  segmentRecordsMax: 50_000,
  segmentUnsyncedBytesMax: 256 * KIB,
  segmentDelayMsMax: 1_000,
  ledgerPathsMax: 1_000,

  // protocol
  socketPathBytesMax: 99,
  frameSizeBytesMax: 16 * MIB,
  requestTimeoutMs: 5_000,
  connectTimeoutMs: 1_000,
  connectionsMax: 256,
  requestsPerConnectionMax: 64,
  heartbeatMs: 1_000,
  socketUnsentBytesMax: 32 * MIB,
  socketFlushMs: 500,
  lockWaitMsMax: 30_000,

  // the outside world
  storeBusyMsMax: 5_000,
  gitOutputBytesMax: 256 * MIB,
  gitTimeoutMs: 30_000,
  logSizeBytesMax: 4 * MIB,

  // projections
  followupDebounceMs: 200,
  followupItemsMax: 2_000,
  viewsDelayMs: 50,
  projectionsKnownMax: 4_096,
} as const;
