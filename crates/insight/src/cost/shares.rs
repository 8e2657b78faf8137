//! Who causes which part of the bill.

use std::collections::BTreeMap;

use serde::Serialize;
use spacewatch_lake::{Dimension, Measure, RecordFilter, TopAsk};
use spacewatch_model::BucketName;
use utoipa::ToSchema;

use super::Reckoning;
use super::bill::{Bill, BillItem};
use super::prices::PriceList;
use super::stored::as_f64;
use crate::{StorageSummary, StorageSummaryArgs, Tenant, Tool, ToolError, logs};

/// Prefixes told apart by egress. Those that sent less are in the bucket's figure only.
const MOST_PREFIXES: usize = 10_000;

/// What one bucket costs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BucketCost {
    /// The bucket.
    pub bucket: String,
    /// Bytes stored when it was looked at; absent where these keys can't list it and only the log tells of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_bytes: Option<u64>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stored_as_of: Option<jiff::Timestamp>,
    /// Bytes stored on average over the hours so far.
    pub average_stored_bytes: u64,
    /// Bytes sent to clients so far.
    pub egress_bytes: u64,
    /// Bytes sent to clients in the whole month at this pace.
    pub projected_egress_bytes: u64,
    /// Its share of what was charged beyond the monthly price so far, by what it stored and sent.
    pub cost: f64,
    /// Its share of that in the whole month at this pace.
    pub projected_cost: f64,
    /// What it would cost in the whole month at this pace if nothing were covered: the figure to rank by.
    pub list_price: f64,
    /// That in percent of all buckets.
    pub share_percent: f64,
}

/// What the objects under one prefix cost.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PrefixCost {
    /// The prefix with its `/`; empty for keys without a folder.
    pub prefix: String,
    /// Bytes stored now.
    pub stored_bytes: u64,
    /// Bytes sent to clients in this month so far, CDN not counted.
    pub egress_bytes: u64,
    /// What a month of this storage and this egress cost if nothing were covered.
    pub list_price: f64,
    /// That in percent of all prefixes of the bucket.
    pub share_percent: f64,
}

/// Each bucket's share, the dearest first.
pub(super) fn by_bucket(reckoning: &Reckoning, so_far: &Bill, projected: &Bill) -> Vec<BucketCost> {
    let traffic = reckoning.traffic.as_ref();
    let mut names: Vec<&String> = reckoning.stored.keys().collect();
    names.extend(traffic.into_iter().flat_map(|traffic| traffic.so_far.keys()));
    names.sort_unstable();
    names.dedup();
    let mut rows: Vec<BucketCost> = names
        .into_iter()
        .map(|name| {
            let stored = reckoning.stored.get(name);
            let sent = traffic.and_then(|traffic| traffic.so_far.get(name)).copied();
            let later = traffic.and_then(|traffic| traffic.projected.get(name)).copied();
            let part = |span| stored.map_or(0.0, |stored| stored.history.over(span).sum);
            let (passed, month) = (part(reckoning.passed), part(reckoning.month));
            let (sent, later) = (sent.unwrap_or_default(), later.unwrap_or_default());
            let hours = reckoning.passed.hours();
            BucketCost {
                bucket: name.clone(),
                stored_bytes: stored.map(|stored| stored.now_bytes),
                stored_as_of: stored.map(|stored| stored.as_of),
                average_stored_bytes: super::whole(if hours > 0.0 { passed / hours } else { 0.0 }),
                egress_bytes: sent.egress_bytes,
                projected_egress_bytes: later.egress_bytes,
                cost: share(
                    so_far,
                    passed,
                    reckoning.byte_hours(reckoning.passed),
                    BillItem::Storage,
                ) + traffic.map_or(0.0, |traffic| of_traffic(so_far, &sent, &traffic.so_far)),
                projected_cost: share(
                    projected,
                    month,
                    reckoning.byte_hours(reckoning.month),
                    BillItem::Storage,
                ) + traffic
                    .map_or(0.0, |traffic| of_traffic(projected, &later, &traffic.projected)),
                list_price: list_price(
                    &reckoning.list,
                    month / reckoning.month.hours(),
                    as_f64(later.egress_bytes),
                ) + requests_price(&reckoning.list, later.writes, later.reads),
                share_percent: 0.0,
            }
        })
        .collect();
    let all: f64 = rows.iter().map(|row| row.list_price).sum();
    for row in &mut rows {
        row.share_percent = percent(row.list_price, all);
    }
    rows.sort_by(|a, b| {
        b.list_price
            .total_cmp(&a.list_price)
            .then_with(|| a.bucket.cmp(&b.bucket))
    });
    rows
}

/// The part of one line of a bill, by the part of what was used.
fn share(bill: &Bill, used: f64, all: f64, item: BillItem) -> f64 {
    if all > 0.0 {
        bill.amount(item) * used / all
    } else {
        0.0
    }
}

fn of_traffic(bill: &Bill, own: &super::usage::BucketUse, all: &super::Use) -> f64 {
    let all = super::usage::total(all);
    share(
        bill,
        as_f64(own.egress_bytes),
        as_f64(all.egress_bytes),
        BillItem::Egress,
    ) + share(
        bill,
        as_f64(own.writes),
        as_f64(all.writes),
        BillItem::WriteRequests,
    ) + share(bill, as_f64(own.reads), as_f64(all.reads), BillItem::ReadRequests)
}

/// What so many bytes stored for a month and so many bytes sent cost where nothing is covered, by the first price of each.
fn list_price(list: &PriceList, stored_bytes: f64, egress_bytes: f64) -> f64 {
    let unit = list.unit.bytes();
    stored_bytes / unit * PriceList::price_at(&list.stored, 0.0)
        + egress_bytes / unit * PriceList::price_at(&list.egress, 0.0)
}

fn requests_price(list: &PriceList, writes: u64, reads: u64) -> f64 {
    (as_f64(writes) * list.writes_per_1000 + as_f64(reads) * list.reads_per_1000) / 1000.0
}

fn percent(part: f64, all: f64) -> f64 {
    if all > 0.0 { part / all * 100.0 } else { 0.0 }
}

/// The prefixes of one bucket.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    pub(super) rows: Vec<PrefixCost>,
    pub(super) truncated: bool,
}

/// Each prefix's share, the dearest first.
pub(super) async fn by_prefix(
    tenant: &Tenant,
    reckoning: &Reckoning,
    bucket: &BucketName,
    depth: u8,
) -> Result<Prefixes, ToolError> {
    let args = StorageSummaryArgs {
        depth,
        ..StorageSummaryArgs::of(bucket.clone())
    };
    let stored = StorageSummary::run(tenant, args).await?;
    let mut found: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for row in stored.prefixes {
        found.entry(row.prefix.to_string()).or_default().0 = row.total_size_bytes.0;
    }
    let mut truncated = stored.truncated;
    if reckoning.traffic.is_some() {
        let lake = logs::open(tenant).await?;
        let ask = TopAsk {
            filter: RecordFilter {
                bucket: Some(bucket.clone()),
                period: reckoning.passed.range(),
                requests_only: true,
                ..RecordFilter::default()
            },
            dimension: Dimension::Prefix { depth },
            by: Measure::BytesSent,
            limit: MOST_PREFIXES,
        };
        let top = lake.top(&ask).await?;
        truncated |= top.distinct > u64::try_from(top.rows.len()).unwrap_or(u64::MAX);
        for row in top.rows {
            found.entry(row.value).or_default().1 = row.bytes_sent;
        }
    }
    Ok(rows(
        &reckoning.list,
        found,
        whole_month(reckoning, bucket),
        (tenant.limits.prefixes, truncated),
    ))
}

/// How much more of a bucket is sent in the whole month than was so far: at the pace that its bill has too.
fn whole_month(reckoning: &Reckoning, bucket: &BucketName) -> f64 {
    let sent = |sent: &super::Use| sent.get(bucket.as_str()).map_or(0, |own| own.egress_bytes);
    let traffic = reckoning.traffic.as_ref();
    let (so_far, projected) = traffic.map_or((0, 0), |traffic| {
        (sent(&traffic.so_far), sent(&traffic.projected))
    });
    if so_far > 0 {
        as_f64(projected) / as_f64(so_far)
    } else {
        1.0
    }
}

fn rows(
    list: &PriceList,
    found: BTreeMap<String, (u64, u64)>,
    whole_month: f64,
    (most, truncated): (usize, bool),
) -> Prefixes {
    let mut rows: Vec<PrefixCost> = found
        .into_iter()
        .map(|(prefix, (stored_bytes, egress_bytes))| PrefixCost {
            prefix,
            stored_bytes,
            egress_bytes,
            list_price: list_price(list, as_f64(stored_bytes), as_f64(egress_bytes) * whole_month),
            share_percent: 0.0,
        })
        .collect();
    let all: f64 = rows.iter().map(|row| row.list_price).sum();
    for row in &mut rows {
        row.share_percent = percent(row.list_price, all);
    }
    rows.sort_by(|a, b| {
        b.list_price
            .total_cmp(&a.list_price)
            .then_with(|| a.prefix.cmp(&b.prefix))
    });
    let truncated = truncated || rows.len() > most;
    rows.truncate(most);
    Prefixes { rows, truncated }
}
