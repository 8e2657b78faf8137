//! The tools: one module per question, offered behind every door.
//!
//! A [`Tool`] has typed arguments, a typed answer and one function over a [`Tenant`]. HTTP routes and the
//! command line only translate to and from it, so there is never a second way to count objects. A new tool
//! is one file here and one line where each door lists its tools.
//!
//! This crate knows no HTTP and prints nothing. It never sees a credential: a tenant's [`Store`] is opened
//! before it comes here. Every answer says as of when it holds, and a cut list says so.
//!
//! [`Store`]: spacewatch_s3::Store

mod access_logs;
mod anomalies;
mod browse;
mod bucket_cache;
mod buckets;
mod catalogue;
mod cost;
mod diagnose;
mod diff;
mod evidence;
mod finding;
mod findings;
mod ghosts;
mod growth;
mod hot_cold;
mod ingest;
mod inventory;
mod leaked_key;
mod limit;
mod list_objects;
mod list_token;
mod logs;
mod metrics;
mod object_audit;
mod object_row;
mod posture;
mod ranking;
mod raw_line;
mod read_log;
mod recent_objects;
mod rejects;
mod search_logs;
mod snapshots;
mod sql;
mod storage_summary;
mod suppression;
mod tenant;
mod tool;
mod top;
mod top_ips;
mod top_largest;
mod validate_credentials;

pub use access_logs::{AccessLogs, AccessLogsArgs, AccessLogsOutput, LogObject};
pub use anomalies::{
    Anomalies, AnomaliesArgs, AnomaliesOutput, Anomaly, AnomalyDirection, AnomalyMetric, ComparedWith,
    Explanation as AnomalyExplanation, NotJudged,
};
pub use browse::{Browse, BrowseArgs, BrowseOutput, Folder};
pub use bucket_cache::BucketCache;
pub use buckets::{BucketDetail, Buckets, BucketsOutput, NoArgs};
pub use catalogue::{Answering, CatalogueTool, Prepared, catalogue, catalogue_tool};
pub use cost::{
    Allowance, Allowances, Bill, BillItem, BillLine, BucketCost, Cost, CostArgs, CostEgress, CostEgressArgs,
    CostEgressOutput, CostOutput, EgressBy, EgressRow, Month, PrefixCost, PriceBook, PriceList, Tier, Volume,
};
pub use diagnose::{Check, CheckStatus, Diagnose, DiagnoseArgs, DiagnoseOutput};
pub use diff::{
    Diff, DiffArgs, DiffBy, DiffDeed, DiffHeap, DiffKind, DiffOutput, DiffPrefix, DiffRow, DiffState,
    DiffTotal, DiffWrites, ExplainedBy,
};
pub use evidence::{
    EvidenceArgs, EvidenceBundle, EvidenceOf, EvidenceTool, FindingEvidenceArgs, ObjectVerdict, Verification,
    VerifiedBundle,
};
pub use finding::{Figure, Finding, Part, Proof, SettingProof, Severity};
pub use findings::{Findings, FindingsArgs, FindingsOutput, Rule, RuleList, RuleReport};
pub use ghosts::{Ghost, Ghosts, GhostsArgs, GhostsOutput};
pub use growth::{
    BucketGrowth, ForecastPoint, GrownBy, GrownOver, Growth, GrowthAllowance, GrowthArgs, GrowthChange,
    GrowthExplainedBy, GrowthExplanation, GrowthForecast, GrowthMetric, GrowthOutput, GrowthPoint,
    GrowthReach, PrefixGrowth, PrefixesGrown, ReachOutcome, TurnKind,
};
pub use hot_cold::{
    Age, Day as HeatDay, Gone, Heap, HotCold, HotColdArgs, HotColdOutput, ObjectHeat, PrefixHeat, Saving,
};
pub use ingest::{Ingest, IngestArgs, IngestCancel, IngestOutput, IngestReport, IngestState, IngestWatch};
pub use inventory::{
    AnswerSource, InventoryCancel, InventoryDuplicates, InventoryDuplicatesOutput, InventoryExport,
    InventoryExportArgs, InventoryListArgs, InventoryOdd, InventoryOddArgs, InventoryOddOutput,
    InventoryPrefixes, InventoryPrefixesArgs, InventoryPrefixesOutput, InventoryReport, InventoryRun,
    InventoryRunArgs, InventoryRunOutput, InventoryScopeArgs, InventoryState, InventorySummary,
    InventorySummaryArgs, InventorySummaryOutput, InventoryUploads, InventoryUploadsArgs,
    InventoryUploadsOutput, InventoryWatch, Tree, TreeArgs, TreeOutput,
};
pub use leaked_key::{
    KeyBucket, KeyHour, KeyListing, KeyOperation, KeyRefusal, KeySource, KeyTotals, LeakedKey, LeakedKeyArgs,
    LeakedKeyOutput, Reach, Touched, TouchedObject,
};
pub use limit::Limit;
pub use list_objects::{ListObjects, ListObjectsArgs, ListObjectsOutput};
pub use logs::{
    Day, Deed, DeedList, Given, IpList, LogPlace, LogRecord, MethodList, Moment, OperationList, SourceBucket,
    StatusList, StatusPrefix, WordList,
};
pub use metrics::{
    By, CdnFigures, CdnTraffic, Change, Compare, CompareArgs, CompareOutput, Metric, MetricRow, MetricSeries,
    MetricsCatalog, MetricsCatalogOutput, MetricsQuery, MetricsQueryArgs, MetricsQueryOutput, MovedBy, Mover,
    Movers, Number, OperationRow, Percentiles, Side, Source, Statistic, Traffic, TrafficArgs, TrafficFigures,
    TrafficOutput, TrafficStep, Unit, Vocabulary, all_metrics,
};
pub use object_audit::{ObjectAudit, ObjectAuditArgs, ObjectAuditOutput};
pub use object_row::ObjectRow;
pub use posture::{
    Answer, BucketPosture, Hygiene, HygieneSummary, HygieneTally, Posture, PostureArgs, PostureOutput,
    Setting, SettingName, SettingState, UnreachableBucket,
};
pub use raw_line::{RawLine, RawLineArgs, RawLineOutput};
pub use read_log::{ReadLog, ReadLogArgs, ReadLogOutput};
pub use recent_objects::{RecentObjects, RecentObjectsArgs, RecentObjectsOutput};
pub use rejects::{RejectedLine, Rejects, RejectsArgs, RejectsOutput};
pub use search_logs::{SearchLogs, SearchLogsArgs, SearchLogsOutput};
pub use snapshots::{
    AggregatePoint, AggregateSeries, AggregateSeriesArgs, AggregateSeriesOutput, Gap, Histories, Reading,
    RequestsFrom, RolledUp, SnapshotAll, SnapshotAllArgs, SnapshotAllOutput, SnapshotFailed, SnapshotPoint,
    SnapshotRecord, SnapshotSeries, SnapshotSeriesArgs, SnapshotSeriesOutput, SnapshotSources,
    SnapshotSourcesArgs, SnapshotSourcesOutput, SnapshotTaken, Source as SnapshotSource, SourceSpan,
    TakeSnapshot, TakeSnapshotArgs, TakeSnapshotOutput, TopIp,
};
/// What answers from inventories consist of.
pub use spacewatch_inventory::{
    Basis, ClassTotals, DuplicateGroup, DuplicateList, ExportFormat, IncompleteUpload, OddCount, OddFilter,
    OddList, OddObject, Oddity, OtherFolders, PrefixList, PrefixTotals, RankedObject, ScanCost, Summary,
    Totals, TreeNode, UploadList, UploadOrder, VersionsSeen,
};
/// A [`Tenant`] holds it; made by whoever composes the program.
pub use spacewatch_inventory::{Inventories, InventoriesConfig};
/// A [`Tenant`] holds it; made from a `LakesConfig` by whoever composes the program.
pub use spacewatch_lake::Lakes;
/// Makes [`Histories`].
pub use spacewatch_snapshots::{DEFAULT_PREFIX as DEFAULT_METRICS_PREFIX, SnapshotsConfig};
pub use sql::{Column, Sql, SqlArgs, SqlOutput};
pub use storage_summary::{PrefixTotal, StorageSummary, StorageSummaryArgs, StorageSummaryOutput};
pub use suppression::{
    DecisionOutput, SuppressFinding, SuppressFindingArgs, SuppressedFinding, Suppression, Suppressions,
    SuppressionsArgs, SuppressionsOutput, UnsuppressFinding, UnsuppressFindingArgs,
};
pub use tenant::{Limits, Tenant};
pub use tool::{Evidence, Tool, ToolError};
pub use top::{TopBy, TopLogs, TopLogsArgs, TopLogsOutput, TopMeasure, TopValue};
pub use top_ips::{IpCount, TopIps, TopIpsArgs, TopIpsOutput};
pub use top_largest::{TopLargest, TopLargestArgs, TopLargestOutput};
pub use validate_credentials::{ValidateCredentials, ValidateCredentialsOutput};
