//! How buckets are set up, and what of it is unsafe.

mod hygiene;
mod logged;
mod policy;
mod rules;
mod setting;
mod visit;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

pub use hygiene::{Answer, Hygiene, HygieneSummary, HygieneTally};
pub use setting::{Setting, SettingName, SettingState};

use crate::finding::Severity;
use crate::{Buckets, Finding, NoArgs, Tenant, Tool, ToolError, suppression};

/// Buckets of one answer at most: each takes about fifteen requests.
const MAX_BUCKETS: usize = 200;
const BUCKETS_AT_ONCE: usize = 4;

/// `posture`: how buckets are set up, what of it is unsafe, and what these keys were not allowed to see.
///
/// It only reads. A setting counts as off only where the store plainly says so.
#[derive(Debug)]
pub struct Posture;

/// What `posture` needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct PostureArgs {
    /// Look at this bucket only; otherwise at all that can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
}

/// How buckets are set up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostureOutput {
    /// How many buckets there are to look at.
    pub bucket_count: usize,
    /// Those that were looked at, by name.
    pub buckets: Vec<BucketPosture>,
    /// Which buckets have no logging, versioning, lifecycle, abort rule.
    pub summary: HygieneSummary,
    /// What should be known, worst first; suppressed ones last.
    pub findings: Vec<Finding>,
    /// Those that could not be looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<UnreachableBucket>,
    /// There are more buckets than were looked at.
    pub truncated: bool,
    /// What that, limited keys, or suppressions that can't be read mean for the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// A bucket that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnreachableBucket {
    /// The bucket.
    pub bucket: BucketName,
    /// Why.
    pub detail: String,
}

/// How one bucket is set up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BucketPosture {
    /// The bucket.
    pub bucket: BucketName,
    /// Access logs are delivered to it: it was named as the log bucket, or another bucket's log goes there.
    pub is_log_bucket: bool,
    /// Whether it has what most buckets should have.
    #[serde(flatten)]
    pub hygiene: Hygiene,
    /// How bad the worst of its findings is that isn't suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst: Option<Severity>,
    /// Every setting.
    pub settings: Vec<Setting>,
    /// The settings that these keys were not allowed to see. They may be on or off.
    pub not_allowed: Vec<SettingName>,
    /// The settings that this store doesn't have.
    pub not_supported: Vec<SettingName>,
}

impl Tool for Posture {
    const NAME: &'static str = "posture";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = PostureArgs;
    type Output = PostureOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let (names, mut note) = match &args.bucket {
            Some(bucket) => (vec![bucket.clone()], None),
            None => {
                let known = Buckets::run(tenant, NoArgs {}).await?;
                (known.buckets, known.note)
            }
        };
        let bucket_count = names.len();
        if bucket_count > MAX_BUCKETS {
            note = Some(format!(
                "the first {MAX_BUCKETS} of {bucket_count} buckets were looked at: name others one by one"
            ));
        }
        let asked: Vec<_> = stream::iter(names.into_iter().take(MAX_BUCKETS))
            .map(|bucket| async { (bucket.clone(), visit::visit(tenant, bucket).await) })
            .buffered(BUCKETS_AT_ONCE)
            .collect()
            .await;
        let (mut visits, mut unreachable) = (Vec::new(), Vec::new());
        for (bucket, visited) in asked {
            match visited {
                Ok(visit) => visits.push(visit),
                Err(error) if args.bucket.is_some() || error.code == ErrorCode::InvalidCredentials => {
                    return Err(error);
                }
                Err(error) => unreachable.push(UnreachableBucket {
                    bucket,
                    detail: error.detail,
                }),
            }
        }
        visit::mark_log_buckets(&mut visits);
        logged::look(tenant, &mut visits).await;
        let mut findings: Vec<_> = visits
            .iter()
            .flat_map(|visit| rules::findings(tenant, visit))
            .collect();
        let notes = [note, suppression::settle(tenant, &mut findings).await];
        let buckets: Vec<_> = visits.iter().map(|visit| shown(visit, &findings)).collect();
        Ok(PostureOutput {
            bucket_count,
            truncated: bucket_count > MAX_BUCKETS,
            summary: HygieneSummary::of(&buckets),
            buckets,
            findings,
            unreachable,
            note: notes
                .into_iter()
                .flatten()
                .reduce(|all, note| format!("{all}; {note}")),
            as_of,
        })
    }
}

fn shown(visit: &visit::Visit, findings: &[Finding]) -> BucketPosture {
    let settings = setting::of(visit);
    let in_state = |state: SettingState| {
        settings
            .iter()
            .filter(|setting| setting.state == state)
            .map(|setting| setting.name)
            .collect()
    };
    let about =
        |finding: &&Finding| finding.bucket.as_ref() == Some(&visit.bucket) && finding.suppressed.is_none();
    BucketPosture {
        bucket: visit.bucket.clone(),
        is_log_bucket: visit.is_log_bucket,
        hygiene: Hygiene::of(visit),
        worst: findings.iter().filter(about).map(|found| found.severity).max(),
        not_allowed: in_state(SettingState::NotAllowed),
        not_supported: in_state(SettingState::NotSupported),
        settings,
    }
}
