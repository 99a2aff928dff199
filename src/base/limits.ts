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
  /** Fewer names are looked at sooner than a second thread is there. */
  threadedNamesMin: 4_000,
  /** A second thread that nobody needs goes. */
  threadIdleMs: 10_000,
  leaseAgeMsMax: 60 * 60_000,

  // ledger
  ledgerDataBytesMax: 256 * KIB,
  ledgerSummaryLengthMax: 2_000,
  ledgerLineBytesMax: 32 * MIB,
  ledgerWindowRecords: 20_000,
  ledgerPageRecords: 200,
  segmentRecordsMax: 50_000,
  segmentUnsyncedBytesMax: 256 * KIB,
  segmentDelayMsMax: 1_000,
  ledgerPathsMax: 1_000,

  // protocol
  socketPathBytesMax: 99,
  frameSizeBytesMax: 16 * MIB,
  requestTimeoutMs: 5_000,
  /** A machine under load answers late; one that hangs does not answer at all. */
  connectTimeoutMs: 3_000,
  connectionsMax: 256,
  requestsPerConnectionMax: 64,
  heartbeatMs: 1_000,
  socketUnsentBytesMax: 32 * MIB,
  socketFlushMs: 500,
  lockWaitMsMax: 30_000,

  // copies and workspaces
  copyGitMs: 5_000,
  copyCommitsMax: 2_000,
  copySearchMs: 2_000,
  copyCandidatesMax: 500,
  copyCompareMs: 5_000,
  copyLookMs: 60_000,
  workspacePollMs: 500,
  workspacesRememberMsMax: 2_000,
  /** Without an index it is still being made, or was made without files. */
  workspaceReadyMs: 5_000,
  /** A move is a removal, and then it is there again. */
  workspaceGoneMs: 1_000,
  /** Deletions of one removal are not further apart. */
  workspaceRemovalMs: 5_000,
  workspaceRemovalMsMax: 10 * 60_000,

  // the page
  httpConnectionsMax: 256,
  httpHeadersMs: 10_000,
  httpRequestMs: 30_000,
  httpKeepAliveMs: 5_000,
  httpHeaderBytesMax: 16 * KIB,
  httpBodyBytesMax: 8 * MIB,
  httpQueryLengthMax: 8 * KIB,
  eventStreamsMax: 32,
  eventsPerTurnMax: 200,
  eventBeatMs: 15_000,
  eventPollMs: 100,
  pageLinkMs: 10 * 60_000,
  pageLinksMax: 16,

  // the outside world
  storeBusyMsMax: 5_000,
  /** Of a store's log, 4 KiB each: from how many on the daemon copies them aside, and from how many on a commit does it. */
  storeLogPagesCopied: 500,
  storeLogPagesMax: 8_192,
  gitOutputBytesMax: 256 * MIB,
  gitTimeoutMs: 30_000,
  logSizeBytesMax: 4 * MIB,
  outputWaitingBytesMax: 1 * MIB,

  // guard: watching, settling, sweeping
  settleContentMs: 300,
  settleMissingMs: 100,
  /** After the end of what git does; shorter is an instant between two of its steps. */
  gitSettleMs: 1_000,
  /** What never comes to rest is remembered as it stands, so often. */
  settleWaitMsMax: 10_000,
  /** Those of one burst are handed over together, if that delays none by more than this. */
  burstWaitMsMax: 1_000,
  burstQuietMs: 50,
  lookSpacingMs: 20,
  hintsMax: 50_000,
  floodQuietMs: 500,
  floodWaitMsMax: 5_000,
  rememberPathsMax: 250,
  fileWatchesMax: 10_000,
  unwatchedToldMax: 100,
  /** Between sweeps at most, while some folders raise no events. */
  sweepUnwatchedMs: 60_000,
  guardTickMs: 1_000,
  /** A tick that comes later by this was a stretch in which nobody looked. */
  guardGapMs: 3_000,
  lookedSaveMs: 30_000,
  deepSweepMs: 24 * 3_600_000,
  deepSliceMs: 60_000,
  deepSlicePathsMax: 500,

  // guard: judging, incidents, repairs
  judgedVersionsMax: 1_000,
  /** Other paths of the same cause join an incident whose last drift is not longer ago. */
  incidentJoinMs: 5_000,
  /** The same path joins again where only one of both causes is known. */
  incidentUnseenMs: 60_000,
  /** Of a few paths it is asked whether somebody still writes to them: it costs a look at every open file of the machine. */
  openWritersAskedMax: 8,
  incidentDriftsInline: 50,
  /** Beyond this nobody asks where something went. */
  movedVersionsMax: 20_000,
  incidentsListed: 200,
  incidentsMeasured: 10_000,
  guardWaitMs: 1_000,
  stashRaiseMs: 10 * 60_000,
  stashesMax: 10,
  repairBatchMax: 10_000,
  gitPastMs: 5_000,
  gitPastPathsMax: 500,
  unionSizeBytesMax: 64 * MIB,
  maintenanceMsMax: 24 * 3_600_000,

  // going back on purpose
  /** A command that outlives its `holdfast` is waited for so long before what it took is put back. */
  runOrphanMsMax: 10 * 60_000,
  /** Somebody writes to what is being put back, again and again. */
  runEndTriesMax: 3,
  logNameLengthMax: 80,
  /** What is on record beyond it is as if nobody had done it. */
  undoActsMax: 20_000,
  /** How far back the beginning of a run is looked for. */
  undoRunsMax: 1_000,
  /** A script that starts itself again under Holdfast, each time. */
  runDepthMax: 8,

  // projections
  followupDebounceMs: 200,
  followupItemsMax: 2_000,
  viewsDelayMs: 50,
  receivedViewDelayMs: 250,
  /** Each time they are brought up to date costs barriers, whatever there is to tell. */
  ledgerViewsSpacingMs: 300,
  projectionsKnownMax: 4_096,

  // what the operating system runs
  /** launchctl and systemctl answer in 20 ms, or hang with the session they belong to. */
  serviceAskMs: 5_000,
  /** Of what a service says; cut back while it is open. */
  serviceLogBytesMax: 1 * MIB,

  // who did it
  /** Of a command line that is shown or stored. */
  commandLineLengthMax: 400,
  processScanMsMax: 5,
  processScanCountMin: 48,
  processListMsMax: 2_000,
  /** Beyond this git writes no trace until somebody has read: it counts the folder's names before each command. */
  traceFilesMax: 1_000,
  traceFileBytesMax: 256 * KIB,
  traceAgeMsMax: 24 * 3_600_000,
  traceForeignAgeMsMax: 60_000,
  /** Agents wait five seconds for a hook, and go on without it. */
  hookRememberMsMax: 2_500,
  hookPayloadBytesMax: 8 * MIB,
  /** Agents end a command after ten minutes at the latest. */
  hookedCommandMsMax: 10 * 60_000,
  reportSizeBytesMax: 64 * KIB,
  reportFilesMax: 1_000,
  reportAgeMsMax: 24 * 3_600_000,
  reflogTailBytesMax: 64 * KIB,
  scriptSizeBytesMax: 256 * KIB,
  witnessesMax: 2_000,
  witnessAgeMsMax: 15 * 60_000,

  // alerts
  alertTickMs: 500,
  alertRecordsPerTurn: 1_000,
  /** What else belongs to it may still come. */
  alertSettleMs: 1_000,
  /** One topic is told no more often, unless it got worse. */
  alertTopicMs: 5 * 60_000,
  alertsPerMinuteMax: 10,
  /** More than so many at once become one message. */
  alertsApartMax: 3,
  alertRetryMsMin: 1_000,
  alertRetryMsMax: 15 * 60_000,
  alertAgeMsMax: 24 * 3_600_000,
  alertSendMsMax: 10_000,
  alertSecretBytesMax: 4 * KIB,

  // agents
  mcpRecordsMax: 500,

  // diagnosis
  diagnoseGitMs: 25_000,
  /** Of packed objects: below, git needs no help of ours to walk its history. */
  gitPastObjectsMin: 50_000,
  gitPastBuildMs: 10 * 60_000,
  gitPastAgeMsMax: 24 * 3_600_000,
  /** How often a daemon asks whether refs moved. */
  gitPastLookMs: 10 * 60_000,
  gitPastLookFirstMs: 60_000,
  gitPastLogsMax: 500,
  gitPastLogLengthMax: 4 * MIB,
  /** Larger files are not read: what is in them is not compared with history. */
  diagnoseFileBytesMax: 64 * MIB,
  diagnoseBlobBytesMax: 16 * MIB,
  /** Versions of one path that are read, to tell what grew, shrank or broke. */
  diagnoseVersionsMax: 64,
  diagnoseFilesMax: 2_000,
  diagnosePathsShown: 50,
  diagnoseEvidenceShown: 40,
  diagnoseLooseMax: 50_000,
  diagnoseReflogMax: 500,
  diagnoseSyntaxBytesMax: 1 * MIB,
  diagnoseSyntaxMs: 5_000,
  diagnoseMentionsMs: 5_000,
  /** Names that are looked at to find ledgers and logs. */
  evidenceNamesMax: 50_000,
  /** Ledgers are looked through from their ends, piece by piece, so much of them together. */
  evidencePieceBytes: 8 * MIB,
  evidenceBytesMax: 1024 * MIB,
  evidenceSightingsMax: 200,
  evidenceLogLinesMax: 200,
  evidenceLogFilesMax: 200,
  forensicCommitsMax: 2_000,
  forensicPathsShown: 50,
  forensicScriptsMax: 200,
  forensicEntriesMax: 500,
  forensicComponentsMax: 20,
  forensicReportBytesMax: 8 * MIB,
  forensicWindowMsMax: 366 * 24 * 3_600_000,
} as const;
