//! What changed between two inventories of a bucket, and which requests or rules changed it.
//!
//! Both inventories and the log are in the order of the keys, so they are laid side by side: whatever their number, little is in memory.

mod answer;
mod changes;
mod findings;
mod lay;
mod log;
mod pick;
mod proofs;
mod rows;
mod sums;
mod tie;

use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, VersionsSeen};
use spacewatch_model::{BucketName, ByteSize, Coverage, ErrorCode, Prefix};
use spacewatch_telemetry::OperationType;
use tokio::sync::mpsc;
use utoipa::ToSchema;

pub use answer::{
    DiffBy, DiffDeed, DiffHeap, DiffPrefix, DiffRow, DiffState, DiffTotal, DiffWrites, ExplainedBy,
};
pub use changes::DiffKind;

use self::lay::SideBySide;
use self::log::AskedLog;
use self::pick::Picked;
use self::proofs::Proving;
use self::sums::{Scope, Sums};
use crate::finding;
use crate::logs::{self, Given, Moment};
use crate::{Evidence, Finding, Limit, Tenant, Tool, ToolError};

/// Rows of each list, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 1000;
/// Batches of deeds on their way.
const ON_THE_WAY: usize = 4;

/// `diff`: what changed in a bucket between two inventories of it, each change tied to the request or the rule that made it.
#[derive(Debug)]
pub struct Diff;

/// What `diff` needs: two kept inventories of the bucket; its access log explains the changes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiffArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// From the newest inventory that was begun at this moment or before; by default from the one before `to`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to the newest inventory that was begun at this moment or before; by default the newest one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// How many levels of folders below the prefix: 1 by default.
    #[serde(default)]
    pub depth: Option<Limit>,
    /// How many rows each list holds, 20 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// List only changes of this kind; the totals tell of all.
    #[serde(default)]
    pub kind: Option<DiffKind>,
    /// Wait until every log object of the window was read.
    #[serde(default)]
    pub wait: bool,
}

/// What changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiffOutput {
    /// The bucket.
    pub bucket: BucketName,
    /// How the keys begin.
    pub prefix: Prefix,
    /// The first inventory. It is no picture of one moment, but was taken from `as_of` to `finished_at`.
    pub from: Basis,
    /// The second one.
    pub to: Basis,
    /// How many keys stand in one of them.
    pub keys: u64,
    /// How many changes there are in all.
    pub changes: u64,
    /// By how much what keys hold grew, or shrank where it is negative; older versions don't count.
    pub bytes_delta: i64,
    /// What should be known, the worst first.
    pub findings: Vec<Finding>,
    /// Changes for which there should be a record, and none was found; most bytes first.
    pub unexplained: Vec<DiffRow>,
    /// How many changes there are of each kind, and what explains them.
    pub totals: Vec<DiffTotal>,
    /// Changes for which no record was found and nothing can be concluded from that.
    pub ambiguous: u64,
    /// Changes by prefix, most bytes first.
    pub prefixes: Vec<DiffPrefix>,
    /// Who made most changes by request.
    pub requesters: Vec<DiffBy>,
    /// From which addresses most changes were made.
    pub addresses: Vec<DiffBy>,
    /// Objects that came.
    pub added: Vec<DiffRow>,
    /// Objects that grew.
    pub grown: Vec<DiffRow>,
    /// Objects that shrank.
    pub shrunk: Vec<DiffRow>,
    /// Objects that were written again with the same size.
    pub overwritten: Vec<DiffRow>,
    /// Objects that went, also those that came between the scans.
    pub removed: Vec<DiffRow>,
    /// Objects in another storage class.
    pub transitioned: Vec<DiffRow>,
    /// Older versions and delete markers, where both inventories saw them.
    pub versions: Vec<DiffRow>,
    /// Keys that came and went between the scans, by the log.
    pub passing: DiffWrites,
    /// Writes between the scans that a later one covered, by the log.
    pub superseded: DiffWrites,
    /// Keys written while the second scan ran or just before, and not in it.
    pub late: DiffWrites,
    /// Keys with so many versions that they were not compared one by one.
    pub keys_without_versions: u64,
    /// Whether older versions and delete markers were compared: both inventories have to have seen them.
    pub versions_compared: bool,
    /// A list holds less than there is.
    pub truncated: bool,
    /// The log tells all of the window, as far as can be known: what it doesn't explain is worth a look.
    pub log_complete: bool,
    /// Why it doesn't, and what else the reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the explanations rest on; absent without a log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

impl Tool for Diff {
    const NAME: &'static str = "diff";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = DiffArgs;
    type Output = DiffOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let mut evidence = vec![Evidence::Bucket(args.bucket.clone())];
        evidence.extend(logs::evidence(tenant));
        evidence
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let picked = pick::pick(tenant, &args).await?;
        let asked = log::ask(tenant, &args, &picked).await?;
        let scope = Scope {
            prefix_length: args.prefix.as_str().len(),
            depth: u8::try_from(Limit::rows(args.depth, 1, 32)).unwrap_or(u8::MAX),
            limit: Limit::rows(args.limit, ROWS, MAX_ROWS),
            kind: args.kind,
            log_bucket: asked.explains().then(|| tenant.log_bucket.clone()).flatten(),
        };
        let sums = laid_side_by_side(&args, &picked, &asked, scope).await?;
        let mut output = told(args, &picked, &asked, sums);
        if let (Some(lake), Some(log_bucket)) = (asked.lake(), &tenant.log_bucket) {
            let window = log::widened(picked.window());
            let proving = Proving::new((lake, log_bucket), &output.bucket, window);
            proving.prove(&mut output.findings, &output.unexplained).await?;
        }
        let unsettled = finding::settle(tenant, &mut output.findings).await;
        let says: Vec<String> = output.note.into_iter().chain(unsettled).collect();
        output.note = (!says.is_empty()).then(|| says.join("; "));
        Ok(output)
    }
}

/// Lays both inventories beside the log, while all of them are being read.
async fn laid_side_by_side(
    args: &DiffArgs,
    picked: &Picked,
    asked: &AskedLog,
    scope: Scope,
) -> Result<Sums, ToolError> {
    let (sender, deeds) = mpsc::channel(ON_THE_WAY);
    let done = asked.deeds(args, picked, sender);
    let changed = async {
        let sides = SideBySide::new(
            deeds,
            asked.between(picked),
            picked.see_versions(),
            Sums::new(scope),
        );
        let folded = picked.to.fold_beside(&picked.from, sides, SideBySide::meet);
        let sides = folded.await?;
        // What is left was done to keys behind the last one that is there.
        let finished = tokio::task::spawn_blocking(move || sides.finish()).await;
        finished.map_err(|error| ToolError::new(ErrorCode::Internal, error.to_string()))
    };
    let ((), sums) = tokio::try_join!(done, changed)?;
    Ok(sums)
}

fn told(args: DiffArgs, picked: &Picked, asked: &AskedLog, sums: Sums) -> DiffOutput {
    let (from, to) = (picked.from.basis(), picked.to.basis());
    let about = findings::About {
        bucket: &args.bucket,
        prefix: &args.prefix,
        window: picked.window(),
        complete: asked.is_complete(),
        note: asked.note.as_deref(),
        coverage: asked.coverage.as_ref(),
    };
    let findings = findings::of(&about, &sums.totals);
    let totals: Vec<DiffTotal> = DiffKind::ALL
        .iter()
        .filter_map(|kind| sums.totals.get(kind).cloned())
        .collect();
    let all = |figure: fn(&DiffTotal) -> u64| totals.iter().map(figure).fold(0_u64, u64::saturating_add);
    let (changes, ambiguous) = (all(|total| total.objects), all(|total| total.ambiguous));
    let bytes_delta = delta(&totals);
    let (keys, keys_without_versions) = (sums.keys, sums.keys_cut);
    let (passing, superseded, late) = (sums.passing, sums.superseded, sums.late);
    let lists = sums.into_lists();
    DiffOutput {
        keys,
        changes,
        bytes_delta,
        findings,
        unexplained: lists.unexplained,
        ambiguous,
        prefixes: lists.prefixes,
        requesters: lists.requesters,
        addresses: lists.addresses,
        added: lists.added,
        grown: lists.grown,
        shrunk: lists.shrunk,
        overwritten: lists.overwritten,
        removed: lists.removed,
        transitioned: lists.transitioned,
        versions: lists.versions,
        passing,
        superseded,
        late,
        keys_without_versions,
        versions_compared: picked.see_versions(),
        truncated: lists.truncated,
        log_complete: asked.is_complete(),
        note: asked.note.clone(),
        coverage: asked.coverage.clone(),
        totals,
        from,
        to,
        bucket: args.bucket,
        prefix: args.prefix,
    }
}

/// By how much what keys hold grew.
fn delta(totals: &[DiffTotal]) -> i64 {
    let of_versions = |kind: DiffKind| {
        matches!(
            kind,
            DiffKind::VersionAdded
                | DiffKind::VersionRemoved
                | DiffKind::MarkerAdded
                | DiffKind::MarkerRemoved
                | DiffKind::Vanished
        )
    };
    let signed = |bytes: ByteSize| i64::try_from(bytes.0).unwrap_or(i64::MAX);
    totals
        .iter()
        .filter(|total| !of_versions(total.kind))
        .fold(0_i64, |sum, total| {
            sum.saturating_add(signed(total.bytes_after))
                .saturating_sub(signed(total.bytes_before))
        })
}

/// Whether an inventory saw what there is of older versions.
fn saw_versions(seen: VersionsSeen) -> bool {
    seen == VersionsSeen::All
}
