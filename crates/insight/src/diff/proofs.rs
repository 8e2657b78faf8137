//! What the log does tell of keys whose changes it doesn't explain.

use spacewatch_lake::{Dimension, Lake, Measure, RecordFilter, TopAsk};
use spacewatch_model::{BucketName, TimeRange};

use super::answer::DiffRow;
use super::findings;
use crate::finding::{Finding, Part, Proof, Witness};
use crate::logs::{Given, SourceBucket};
use crate::{SearchLogsArgs, ToolError};

/// Keys of one finding that are named, the largest changes first. Those of the others stand in the answer's lists.
const NAMED: usize = 3;

/// Where to look.
pub(super) struct Proving<'a> {
    witness: Witness<'a>,
    bucket: &'a BucketName,
}

impl<'a> Proving<'a> {
    /// Over the time between two scans.
    pub(super) fn new(
        (lake, log_bucket): (&'a Lake, &'a BucketName),
        bucket: &'a BucketName,
        window: TimeRange,
    ) -> Self {
        Self {
            witness: Witness {
                lake,
                log_bucket,
                window,
            },
            bucket,
        }
    }
}

impl Proving<'_> {
    /// Names the keys, and what there is of each in the log: reads, perhaps, or nothing at all.
    pub(super) async fn prove(
        &self,
        found: &mut [Finding],
        unexplained: &[DiffRow],
    ) -> Result<(), ToolError> {
        for finding in found {
            let kinds = findings::kinds(&finding.rule);
            let mut keys: Vec<&str> = Vec::new();
            for row in unexplained.iter().filter(|row| kinds.contains(&row.kind)) {
                if keys.len() < NAMED && !keys.contains(&row.key.as_str()) {
                    keys.push(&row.key);
                }
            }
            for key in keys {
                let Some(proof) = self.of_key(key).await? else {
                    continue;
                };
                finding.parts.push(Part {
                    kind: "key".to_owned(),
                    value: key.to_owned(),
                    requests: proof.records,
                    bytes_sent: None,
                });
                finding.proofs.push(proof);
            }
        }
        Ok(())
    }

    async fn of_key(&self, key: &str) -> Result<Option<Proof>, ToolError> {
        let Ok(object_key) = key.parse::<Given<_>>() else {
            return Ok(None);
        };
        let query = SearchLogsArgs {
            source_bucket: SourceBucket::from(self.bucket.clone()),
            object_key,
            ..SearchLogsArgs::default()
        };
        let records = count(self.witness.lake, query.records(self.witness.window)).await?;
        let about = format!("all that the log tells of `{key}` between the scans");
        self.witness.proof(&about, query, records).await.map(Some)
    }
}

async fn count(lake: &Lake, filter: RecordFilter) -> Result<u64, ToolError> {
    let ask = TopAsk {
        filter,
        dimension: Dimension::Bucket,
        by: Measure::Requests,
        limit: 1,
    };
    Ok(lake.top(&ask).await?.requests)
}
