//! What the CDN in front of a bucket served, joined with what it fetched.

use std::collections::BTreeMap;

use serde::Serialize;
use spacewatch_lake::{CdnActivity, CdnAsk, Dimension, Lake, Measure, RecordFilter, TopAsk};
use spacewatch_model::Timestamp;
use utoipa::ToSchema;

use super::super::figures::percent;
use super::super::steps::Steps;
use crate::ToolError;

/// What the CDN served, and what left the bucket to clients in all.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CdnTraffic {
    /// The whole period in one.
    #[serde(flatten)]
    pub figures: CdnFigures,
    /// How the hit ratio is computed.
    pub hit_ratio_formula: &'static str,
    /// Bytes that the CDN fetched from the bucket, where the bucket's log tells them apart; otherwise 0.
    pub origin_to_cdn_bytes: u64,
    /// The bucket's log tells apart what the CDN fetched.
    pub origin_to_cdn_known: bool,
    /// Bytes that reached clients, from the bucket and from the CDN.
    pub true_egress_bytes: u64,
    /// How that is computed.
    pub true_egress_formula: &'static str,
}

/// Requests to the CDN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct CdnFigures {
    /// How many there were.
    pub requests: u64,
    /// How many the CDN answered from what it had, asked for anew or not.
    pub hits: u64,
    /// Those in percent of all.
    pub hit_ratio_percent: f64,
    /// Answers of 400 and above.
    pub errors: u64,
    /// Bytes sent to clients.
    pub bytes_sent: u64,
    /// Bytes received from clients.
    pub bytes_received: u64,
}

const HIT_RATIO: &str = "requests whose result is `Hit` or `RefreshHit`, by all requests to the CDN";
const EGRESS: &str =
    "bytes the bucket sent, less those it sent to the CDN, and bytes the CDN sent to clients";
const EGRESS_AT_MOST: &str = "bytes the bucket sent and bytes the CDN sent to clients; the bucket's log doesn't tell apart what the CDN fetched, so \
     those bytes are in it twice and the true figure is lower";

/// How requesters begin that are CloudFront.
const CDN_REQUESTERS: [&str; 2] = ["arn:aws:iam::cloudfront:", "svc:cloudfront.amazonaws.com"];
/// What CloudFront calls itself when it fetches.
const CDN_AGENT: &str = "Amazon CloudFront";
const MOST_REQUESTERS: usize = 100;

/// What the CDN served, in all and by step.
pub(super) struct Joined {
    pub(super) total: CdnTraffic,
    steps: BTreeMap<Timestamp, CdnFigures>,
}

impl Joined {
    pub(super) fn step(&self, start: Timestamp) -> CdnFigures {
        self.steps.get(&start).copied().unwrap_or_default()
    }
}

impl CdnFigures {
    fn of<'a>(rows: impl Iterator<Item = &'a CdnActivity>) -> Self {
        let mut figures = Self::default();
        for row in rows {
            let hit = matches!(row.result.as_deref(), Some("Hit" | "RefreshHit"));
            let error = row.status.is_some_and(|status| status >= 400);
            figures.requests += row.requests;
            figures.hits += if hit { row.requests } else { 0 };
            figures.errors += if error { row.requests } else { 0 };
            figures.bytes_sent = figures.bytes_sent.saturating_add(row.bytes_sent);
            figures.bytes_received = figures.bytes_received.saturating_add(row.bytes_received);
        }
        figures.hit_ratio_percent = percent(figures.hits, figures.requests);
        figures
    }
}

/// What the CDN served; none without a request to it.
pub(super) async fn traffic(
    lake: &Lake,
    filter: &RecordFilter,
    steps: Steps,
    origin_bytes: u64,
) -> Result<Option<Joined>, ToolError> {
    let ask = CdnAsk {
        period: filter.period,
        bucket: filter.bucket.clone(),
        step: Some(steps.length()),
    };
    let rows = lake.cdn_activity(&ask).await?;
    if rows.iter().all(|row| row.requests == 0) {
        return Ok(None);
    }
    let mut by_step: BTreeMap<Timestamp, Vec<&CdnActivity>> = BTreeMap::new();
    for row in &rows {
        if let Some(step) = row.step {
            by_step.entry(steps.start_of(step)).or_default().push(row);
        }
    }
    let by_step = by_step
        .into_iter()
        .map(|(start, rows)| (start, CdnFigures::of(rows.into_iter())));
    Ok(Some(Joined {
        steps: by_step.collect(),
        total: join(
            CdnFigures::of(rows.iter()),
            fetched(lake, filter).await?,
            origin_bytes,
        ),
    }))
}

/// What reached clients of a bucket, the CDN in front of it counted; none without a request to the CDN.
pub(crate) async fn true_egress(
    lake: &Lake,
    filter: &RecordFilter,
    origin_bytes: u64,
) -> Result<Option<CdnTraffic>, ToolError> {
    let ask = CdnAsk {
        period: filter.period,
        bucket: filter.bucket.clone(),
        step: None,
    };
    let figures = CdnFigures::of(lake.cdn_activity(&ask).await?.iter());
    if figures.requests == 0 {
        return Ok(None);
    }
    let fetched = fetched(lake, filter).await?;
    Ok(Some(join(figures, fetched, origin_bytes)))
}

fn join(figures: CdnFigures, fetched: Option<u64>, origin_bytes: u64) -> CdnTraffic {
    let direct = origin_bytes.saturating_sub(fetched.unwrap_or(0));
    CdnTraffic {
        figures,
        hit_ratio_formula: HIT_RATIO,
        origin_to_cdn_bytes: fetched.unwrap_or(0),
        origin_to_cdn_known: fetched.is_some(),
        true_egress_bytes: direct.saturating_add(figures.bytes_sent),
        true_egress_formula: if fetched.is_some() { EGRESS } else { EGRESS_AT_MOST },
    }
}

/// Bytes that the CDN fetched from the bucket; none where no request can be told to be the CDN's.
async fn fetched(lake: &Lake, filter: &RecordFilter) -> Result<Option<u64>, ToolError> {
    let by_requester = lake
        .top(&TopAsk {
            filter: filter.clone(),
            dimension: Dimension::Requester,
            by: Measure::BytesSent,
            limit: MOST_REQUESTERS,
        })
        .await?;
    let is_cdn = |requester: &str| {
        CDN_REQUESTERS
            .iter()
            .any(|beginning| requester.starts_with(beginning))
    };
    let signed: Vec<u64> = by_requester
        .rows
        .iter()
        .filter(|row| is_cdn(&row.value))
        .map(|row| row.bytes_sent)
        .collect();
    if !signed.is_empty() {
        return Ok(Some(signed.iter().sum()));
    }
    let by_agent = lake
        .top(&TopAsk {
            filter: RecordFilter {
                user_agent: Some(CDN_AGENT.to_owned()),
                ..filter.clone()
            },
            dimension: Dimension::Bucket,
            by: Measure::BytesSent,
            limit: 1,
        })
        .await?;
    Ok((by_agent.requests > 0).then_some(by_agent.bytes_sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(result: &str, status: u16, requests: u64, bytes_sent: u64) -> CdnActivity {
        CdnActivity {
            step: None,
            host: None,
            result: Some(result.to_owned()),
            status: Some(status),
            requests,
            bytes_sent,
            bytes_received: requests,
        }
    }

    #[test]
    fn hits_and_egress() {
        let rows = [
            row("Hit", 200, 60, 6000),
            row("RefreshHit", 304, 15, 0),
            row("Miss", 200, 20, 2000),
            row("Error", 404, 5, 50),
        ];
        let figures = CdnFigures::of(rows.iter());
        assert_eq!((figures.requests, figures.hits, figures.errors), (100, 75, 5));
        assert_eq!((figures.bytes_sent, figures.bytes_received), (8050, 100));
        assert!((figures.hit_ratio_percent - 75.0).abs() < 1e-9);
        let told = join(figures, Some(2000), 5000);
        assert_eq!((told.true_egress_bytes, told.origin_to_cdn_known), (11_050, true));
        let untold = join(figures, None, 5000);
        assert_eq!(
            (untold.true_egress_bytes, untold.origin_to_cdn_known),
            (13_050, false)
        );
        assert!(untold.true_egress_formula.contains("lower"));
    }
}
