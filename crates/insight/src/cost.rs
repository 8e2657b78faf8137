//! What the month costs.

mod bill;
mod egress;
mod month;
mod prices;
mod shares;
mod stored;
mod usage;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Coverage, ErrorCode, TimeRange};
use spacewatch_snapshots::Wanted;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

pub use bill::{Bill, BillItem, BillLine};
pub use egress::{CostEgress, CostEgressArgs, CostEgressOutput, EgressBy, EgressRow};
pub use month::Month;
pub use prices::{PriceBook, PriceList, Tier, Volume};
pub use shares::{BucketCost, PrefixCost};

use crate::logs::{self, Given};
use crate::snapshots;
use crate::{Buckets, Evidence, NoArgs, StorageSummary, StorageSummaryArgs, Tenant, Tool, ToolError};
use bill::Usage;
use month::{Span, hours_between};
use stored::{History, as_f64};
use usage::Use;

/// `cost`: the bill of a month so far and at this pace, by bucket, with the arithmetic.
#[derive(Debug)]
pub struct Cost;

/// What `cost` needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CostArgs {
    /// The month in UTC: this one by default.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-11")]
    pub month: Given<Month>,
    /// Also split this bucket by prefix.
    #[serde(default)]
    pub bucket: Option<BucketName>,
    /// How many levels of folders a prefix has: 1 by default.
    #[serde(default)]
    #[schema(maximum = 32)]
    pub depth: Option<u8>,
    /// By another price list than the configured one.
    #[serde(default)]
    pub prices: Option<String>,
    /// Wait until every log object of the month was read.
    #[serde(default)]
    pub wait: bool,
}

/// The bill of a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CostOutput {
    /// The month.
    pub month: String,
    /// When it begins and ends.
    pub window: TimeRange,
    /// Up to when `so_far` reckons.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// What is charged for what.
    pub price_list: PriceList,
    /// The bill up to now.
    pub so_far: Bill,
    /// The bill of the whole month when nothing more is stored and as much is sent and asked for as in the last seven days.
    pub projected: Bill,
    /// Egress and requests are in it. Without a log bucket they are not: nothing else tells of them.
    pub traffic_known: bool,
    /// What the monthly price covers over all buckets, and how much of it is used.
    pub allowances: Allowances,
    /// Each bucket's share, the dearest first.
    pub buckets: Vec<BucketCost>,
    /// The share of each prefix of the bucket that was named, the dearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<PrefixCost>,
    /// There are more prefixes than these.
    pub truncated: bool,
    /// What was taken for granted where nothing is known, in words.
    pub assumptions: Vec<String>,
    /// What egress and requests rest on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// What is covered, and what of it is used.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Allowances {
    /// Bytes stored, on average over the hours so far.
    pub storage: Allowance,
    /// Bytes sent in this month.
    pub egress: Allowance,
}

/// One allowance.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Allowance {
    /// How many bytes are covered.
    pub included_bytes: u64,
    /// How many are used.
    pub used_bytes: u64,
    /// That in percent; 100 where nothing is covered and something is used.
    pub used_percent: f64,
    /// When it is used up at this pace, if that is still in this month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_up_at: Option<Timestamp>,
}

/// A folder level deeper than anybody bills.
const MAX_DEPTH: u8 = 32;
/// A size that was known so many hours before the month began is the one it began with.
const HOURS_BEFORE: f64 = 48.0;
/// The pace is that of the last so many hours.
const PACE_HOURS: f64 = 7.0 * 24.0;

impl Tool for Cost {
    const NAME: &'static str = "cost";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = CostArgs;
    type Output = CostOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let bucket = args.bucket.clone().map(Evidence::Bucket);
        let mut all: Vec<_> = bucket.into_iter().chain(logs::evidence(tenant)).collect();
        all.extend(snapshots::evidence(tenant));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let list = price_list(tenant, args.prices.as_deref())?.clone();
        let now = tenant.now();
        let month = args.month.get().copied().unwrap_or_else(|| Month::of(now));
        let span = month.span()?;
        if span.from > now {
            return Err(ToolError::new(
                ErrorCode::InvalidValue,
                "that month has not begun yet",
            ));
        }
        let mut reckoning = Reckoning::new(list, span, now);
        reckoning.look_at_traffic(tenant, args.wait).await?;
        reckoning.look_at_storage(tenant).await?;
        let prefixes = match &args.bucket {
            Some(bucket) => {
                let depth = args.depth.unwrap_or(1).clamp(1, MAX_DEPTH);
                shares::by_prefix(tenant, &reckoning, bucket, depth).await?
            }
            None => shares::Prefixes::default(),
        };
        Ok(reckoning.finish(month, prefixes))
    }
}

/// What so many bytes stored for a month cost where nothing is covered, by the first price.
pub(crate) fn stored_price(list: &PriceList, bytes: u64) -> f64 {
    as_f64(bytes) / list.unit.bytes() * PriceList::price_at(&list.stored, 0.0)
}

/// The price list that a caller means.
pub(crate) fn price_list<'a>(tenant: &'a Tenant, name: Option<&str>) -> Result<&'a PriceList, ToolError> {
    let found = tenant.prices.list(name.filter(|name| !name.is_empty()));
    found.map_err(|problem| {
        ToolError::new(ErrorCode::InvalidValue, problem)
            .with_hint("price lists are added in the file that `PRICES_FILE` names")
    })
}

/// A bill that is being made.
struct Reckoning {
    list: PriceList,
    month: Span,
    /// The part of the month that has passed.
    passed: Span,
    now: Timestamp,
    stored: BTreeMap<String, Stored>,
    traffic: Option<Traffic>,
    assumptions: Vec<String>,
}

/// What is known of one bucket's storage.
struct Stored {
    history: History,
    now_bytes: u64,
    as_of: Timestamp,
}

/// What is known of egress and requests.
struct Traffic {
    so_far: Use,
    projected: Use,
    coverage: Coverage,
}

impl Reckoning {
    fn new(list: PriceList, month: Span, now: Timestamp) -> Self {
        Self {
            list,
            month,
            passed: month.until(now),
            now,
            stored: BTreeMap::new(),
            traffic: None,
            assumptions: Vec::new(),
        }
    }

    fn is_over(&self) -> bool {
        self.month.to <= self.now
    }

    async fn look_at_traffic(&mut self, tenant: &Tenant, wait: bool) -> Result<(), ToolError> {
        if tenant.log_bucket.is_none() {
            self.assumptions
                .push("no log bucket is named, so egress and requests are not in this bill".to_owned());
            return Ok(());
        }
        let asked = logs::ask(tenant, None, self.passed.range(), wait).await?;
        let so_far = usage::of(&asked.lake, self.passed.range()).await?;
        let projected = match asked.lake.recorded().await? {
            Some((oldest, newest)) if !self.is_over() => {
                let pace = Span {
                    from: oldest.max(before(newest, PACE_HOURS)),
                    to: newest,
                };
                if pace.hours() < 24.0 {
                    self.assumptions.push(format!(
                        "the access log covers {:.1} hours only, so the pace of egress is a rough guess",
                        pace.hours()
                    ));
                }
                let lately = usage::of(&asked.lake, pace.range()).await?;
                let left = hours_between(newest.max(self.month.from), self.month.to).max(0.0);
                extended(
                    &so_far,
                    &lately,
                    if pace.hours() > 0.0 {
                        left / pace.hours()
                    } else {
                        0.0
                    },
                )
            }
            _ => so_far.clone(),
        };
        if usage::total(&so_far).at_most {
            self.assumptions.push(
                "the bucket's log doesn't tell apart what the CDN fetched, so that part of egress is counted twice and the true \
                 figure is lower"
                    .to_owned(),
            );
        }
        self.traffic = Some(Traffic {
            so_far,
            projected,
            coverage: asked.coverage,
        });
        Ok(())
    }

    async fn look_at_storage(&mut self, tenant: &Tenant) -> Result<(), ToolError> {
        let mut seen = self.snapshots(tenant).await;
        for bucket in Buckets::run(tenant, NoArgs {}).await?.buckets {
            let args = StorageSummaryArgs::of(bucket.clone());
            let found = match StorageSummary::run(tenant, args).await {
                Ok(found) => found,
                Err(error) if error.code == ErrorCode::AccessDenied => {
                    self.assumptions.push(format!(
                        "`{bucket}` may not be listed with these keys and is left out"
                    ));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let bytes = found.total_size_bytes.0;
            let mut seen = seen.remove(bucket.as_str()).unwrap_or_default();
            seen.push((found.as_of, bytes));
            self.stored.insert(
                bucket.to_string(),
                Stored {
                    history: History::new(seen),
                    now_bytes: bytes,
                    as_of: found.as_of,
                },
            );
        }
        self.assume_sizes();
        Ok(())
    }

    /// What snapshots of whole buckets tell of the month, and of the days before it began.
    async fn snapshots(&mut self, tenant: &Tenant) -> BTreeMap<String, Vec<(Timestamp, u64)>> {
        let mut seen = BTreeMap::<_, Vec<_>>::new();
        let Ok(place) = snapshots::place(tenant) else {
            return seen;
        };
        let wanted = Wanted {
            period: TimeRange {
                from: Some(before(self.month.from, HOURS_BEFORE)),
                to: Some(self.passed.to),
            },
            source: None,
            top_ips: false,
        };
        let history = tenant
            .histories
            .snapshots
            .read(&tenant.store, &place, &wanted)
            .await;
        match history {
            Ok(history) => {
                let whole = history
                    .records
                    .into_iter()
                    .filter(|record| record.source_prefix.as_str().is_empty());
                for record in whole {
                    let of_bucket = seen.entry(record.source_bucket.to_string()).or_default();
                    of_bucket.push((record.ts, record.source_bytes));
                }
            }
            Err(error) => self.assumptions.push(format!("snapshots can't be read: {error}")),
        }
        seen
    }

    /// Says where nothing is known of earlier sizes.
    fn assume_sizes(&mut self) {
        let hours = |stored: &Stored| stored.history.over(self.passed).assumed_hours;
        let unknown: Vec<&str> = self
            .stored
            .iter()
            .filter(|(_, stored)| hours(stored) > 1.0)
            .map(|(name, _)| name.as_str())
            .collect();
        if unknown.is_empty() {
            return;
        }
        let text = format!(
            "for the part of the month before sizes were recorded, the first known size is taken: {}",
            unknown.join(", ")
        );
        self.assumptions.push(text);
    }

    fn usage(&self, byte_hours: f64, traffic: Option<&Use>) -> Usage {
        let traffic = traffic.map(usage::total).unwrap_or_default();
        Usage {
            byte_hours,
            egress_bytes: as_f64(traffic.egress_bytes),
            writes: as_f64(traffic.writes),
            reads: as_f64(traffic.reads),
        }
    }

    fn byte_hours(&self, span: Span) -> f64 {
        let sums = self.stored.values().map(|stored| stored.history.over(span).sum);
        sums.sum()
    }

    fn bill(&self, span: Span, traffic: Option<&Use>) -> Bill {
        let usage = self.usage(self.byte_hours(span), traffic);
        let mut bill = Bill::of(&self.list, &usage, span.part_of(self.month));
        if traffic.is_none() {
            // What nobody knows is no zero.
            bill.lines
                .retain(|line| matches!(line.item, BillItem::Subscription | BillItem::Storage));
        }
        bill
    }

    fn finish(self, month: Month, prefixes: shares::Prefixes) -> CostOutput {
        let traffic = self.traffic.as_ref();
        let so_far = self.bill(self.passed, traffic.map(|traffic| &traffic.so_far));
        let projected = self.bill(self.month, traffic.map(|traffic| &traffic.projected));
        CostOutput {
            month: month.text(),
            window: self.month.range(),
            as_of: self.passed.to,
            buckets: shares::by_bucket(&self, &so_far, &projected),
            allowances: self.allowances(),
            so_far,
            projected,
            traffic_known: self.traffic.is_some(),
            prefixes: prefixes.rows,
            truncated: prefixes.truncated,
            assumptions: self.assumptions,
            coverage: self.traffic.map(|traffic| traffic.coverage),
            price_list: self.list,
        }
    }

    fn allowances(&self) -> Allowances {
        let unit = self.list.unit.bytes();
        let hours = self.passed.hours();
        let average = if hours > 0.0 {
            self.byte_hours(self.passed) / hours
        } else {
            0.0
        };
        let egress = self.traffic.as_ref().map_or((0.0, 0.0), |traffic| {
            let bytes = |found: &Use| as_f64(usage::total(found).egress_bytes);
            (bytes(&traffic.so_far), bytes(&traffic.projected))
        });
        let included = self.list.included_egress * unit + average * self.list.free_egress_per_stored;
        Allowances {
            storage: Allowance::of(self.list.included_stored * unit, average, None),
            egress: Allowance::of(included, egress.0, self.used_up(included, egress)),
        }
    }

    /// When a sum that grows evenly from now to the end of the month reaches its limit.
    fn used_up(&self, limit: f64, (now, end): (f64, f64)) -> Option<Timestamp> {
        if now >= limit || end <= limit || end <= now {
            return None;
        }
        let hours = (limit - now) / (end - now) * hours_between(self.passed.to, self.month.to);
        after(self.passed.to, hours)
    }
}

impl Allowance {
    fn of(included: f64, used: f64, used_up_at: Option<Timestamp>) -> Self {
        let percent = match (included > 0.0, used > 0.0) {
            (true, _) => used / included * 100.0,
            (false, true) => 100.0,
            (false, false) => 0.0,
        };
        Self {
            included_bytes: whole(included),
            used_bytes: whole(used),
            used_percent: percent,
            used_up_at,
        }
    }
}

/// What it becomes when it goes on so many times as lately.
fn extended(so_far: &Use, lately: &Use, times: f64) -> Use {
    let mut sum = so_far.clone();
    for (name, more) in lately {
        let bucket = sum.entry(name.clone()).or_default();
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(whole(as_f64(more) * times));
        add(&mut bucket.egress_bytes, more.egress_bytes);
        add(&mut bucket.writes, more.writes);
        add(&mut bucket.reads, more.reads);
        bucket.at_most |= more.at_most;
    }
    sum
}

/// The nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of numbers that are too large or too small end at the ends"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

fn before(moment: Timestamp, hours: f64) -> Timestamp {
    after(moment, -hours).unwrap_or(Timestamp::MIN)
}

fn after(moment: Timestamp, hours: f64) -> Option<Timestamp> {
    let span = jiff::SignedDuration::try_from_secs_f64(hours * 3600.0).ok()?;
    moment.checked_add(span).ok()
}
