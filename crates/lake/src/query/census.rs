//! What all clients did in a period, in one pass: how their requests ended, step by step, and who of them stands out.
//!
//! Every record goes by once, in no order that is relied on. What is kept of it are counters: by second, by step, by client. So
//! the answer names who may stand out and bounds what isn't counted exactly; the few that are named are looked at closely by
//! questions of their own.

mod clients;
mod heavy;
mod names;
mod words;

use arrow_array::RecordBatch;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::ident;
use futures::TryStreamExt;
use spacewatch_model::{TimeRange, Timestamp};
use tokio::task::JoinSet;

use super::ask::CensusAsk;
use super::columns::Columns;
use super::engine::Session;
use super::records;
use super::rows::{Burst, BusySeconds, Census, OutcomeStep, Outcomes};
use crate::{LakeError, RecordFilter};
use clients::Clients;
use heavy::Heavy;
pub(super) use names::canonical;
use names::{Addresses, Names, Requesters};
use words::{Deed, Words};

/// The longest period: there is a counter for each of its seconds.
const MAX_DAYS: i64 = 92;
const MAX_SECONDS: i64 = MAX_DAYS * 86_400;
/// Outcomes are told in steps of five minutes.
const STEP: i64 = 300;
/// Bursts of reads are looked for in any two half-hours that follow each other.
const HALF_HOUR: i64 = 1_800;
/// Of so many seconds with most requests each request is looked at again.
const BUSY_SECONDS: usize = 2_000;

const COLUMNS: [&str; 7] = [
    "time",
    "remote_ip",
    "requester",
    "operation",
    "status",
    "bytes_sent",
    "object_size",
];

pub(super) async fn answer(session: &Session, ask: &CensusAsk) -> Result<Census, LakeError> {
    let failed = |error| session.failure(&error);
    let filter = RecordFilter {
        period: TimeRange {
            from: Some(ask.from),
            to: Some(ask.to),
        },
        requests_only: true,
        ..ask.filter.clone()
    };
    let frame = records::frame(session, &filter)?
        .select(COLUMNS.map(ident))
        .map_err(failed)?;
    // Each part of the records has counters of its own, so that no thread waits for another one.
    let mut parts = JoinSet::new();
    for mut batches in frame.execute_stream_partitioned().await.map_err(failed)? {
        let mut fold = Fold::new(ask.from, ask.to)?;
        parts.spawn(async move {
            while let Some(batch) = batches.try_next().await.map_err(Trouble::Engine)? {
                fold.take(&batch).map_err(Trouble::Record)?;
            }
            Ok::<_, Trouble>(fold)
        });
    }
    let mut whole = Fold::new(ask.from, ask.to)?;
    while let Some(part) = parts.join_next().await {
        let part = part.map_err(|error| LakeError::Internal(format!("a census broke off: {error}")))?;
        whole.join(part.map_err(|trouble| match trouble {
            Trouble::Engine(error) => session.failure(&error),
            Trouble::Record(error) => error,
        })?);
    }
    Ok(whole.finish(ask))
}

/// What a part of a census may end with.
enum Trouble {
    Engine(DataFusionError),
    Record(LakeError),
}

/// Requests of five minutes.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    requests: u32,
    slow_downs: u32,
    server_errors: u32,
}

/// Requests of one second.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    requests: u32,
    writes_and_lists: u32,
}

/// Successful reads of half an hour.
#[derive(Debug, Clone, Default)]
struct HalfHour {
    reads: u64,
    addresses: Heavy,
    requesters: Heavy,
}

/// What one client read in two half-hours that follow each other.
struct Hour {
    place: usize,
    least: u64,
    most: u64,
    all: u64,
    reaches: bool,
}

struct Fold {
    /// The first second of the period.
    first: i64,
    totals: Outcomes,
    seconds: Vec<Second>,
    steps: Vec<Step>,
    half_hours: Vec<HalfHour>,
    addresses: Clients<Addresses>,
    requesters: Clients<Requesters>,
}

/// One request.
struct Request {
    deed: Deed,
    status: u16,
    cut_short: bool,
    address: Option<u32>,
    requester: Option<u32>,
}

impl Fold {
    fn new(from: Timestamp, to: Timestamp) -> Result<Self, LakeError> {
        let (first, last) = (second_of(from), second_of(to));
        let length = last.saturating_sub(first).saturating_add(1);
        if length > MAX_SECONDS + 1 {
            return Err(LakeError::Limit {
                what: "days",
                limit: MAX_DAYS.to_string(),
            });
        }
        let room = |step: i64| {
            let steps = last.div_euclid(step) - first.div_euclid(step) + 1;
            usize::try_from(steps).unwrap_or(0)
        };
        Ok(Self {
            first,
            totals: Outcomes::default(),
            seconds: vec![Second::default(); room(1)],
            steps: vec![Step::default(); room(STEP)],
            half_hours: vec![HalfHour::default(); room(HALF_HOUR)],
            addresses: Clients::default(),
            requesters: Clients::default(),
        })
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let columns = Columns(batch);
        let (addresses, requesters) = (columns.texts("remote_ip")?, columns.texts("requester")?);
        let (times, statuses) = (columns.times("time")?, columns.shorts("status")?);
        let (sent, sizes) = (columns.longs("bytes_sent")?, columns.longs("object_size")?);
        let operations = columns.texts("operation")?;
        let mut words = Words::default();
        self.addresses.forget_views();
        self.requesters.forget_views();
        for row in 0..batch.num_rows() {
            let Some(micros) = times.get(row) else { continue };
            let request = Request {
                deed: words.deed(&operations, row),
                status: statuses.status(row).unwrap_or(0),
                cut_short: sent.count(row).unwrap_or(0) < sizes.count(row).unwrap_or(0),
                address: self.addresses.number(&addresses, row),
                requester: self.requesters.number(&requesters, row),
            };
            self.count(micros.div_euclid(1_000_000), &request);
        }
        Ok(())
    }

    fn count(&mut self, second: i64, request: &Request) {
        let read = request.deed.is_read && (200..300).contains(&request.status);
        self.totals.count(request, read);
        if let Some(at) = place(&mut self.seconds, second, self.first, 1) {
            at.requests = at.requests.saturating_add(1);
            let counted = u32::from(request.deed.writes_or_lists);
            at.writes_and_lists = at.writes_and_lists.saturating_add(counted);
        }
        if let Some(step) = place(&mut self.steps, second, self.first, STEP) {
            step.requests = step.requests.saturating_add(1);
            let slow = u32::from(is_slow_down(request.status));
            let failed = u32::from(is_server_error(request.status));
            step.slow_downs = step.slow_downs.saturating_add(slow);
            step.server_errors = step.server_errors.saturating_add(failed);
        }
        self.addresses.count(request.address, request);
        self.requesters.count(request.requester, request);
        if !read {
            return;
        }
        if let Some(half_hour) = place(&mut self.half_hours, second, self.first, HALF_HOUR) {
            half_hour.reads = half_hour.reads.saturating_add(1);
            if let Some(address) = request.address {
                half_hour.addresses.add(address);
            }
            if let Some(requester) = request.requester {
                half_hour.requesters.add(requester);
            }
        }
    }

    /// Adds what another part of the records showed.
    fn join(&mut self, other: Self) {
        self.totals.join(&other.totals);
        for (second, more) in self.seconds.iter_mut().zip(other.seconds) {
            second.requests = second.requests.saturating_add(more.requests);
            second.writes_and_lists = second.writes_and_lists.saturating_add(more.writes_and_lists);
        }
        for (step, more) in self.steps.iter_mut().zip(other.steps) {
            step.requests = step.requests.saturating_add(more.requests);
            step.slow_downs = step.slow_downs.saturating_add(more.slow_downs);
            step.server_errors = step.server_errors.saturating_add(more.server_errors);
        }
        let addresses = self.addresses.join(other.addresses);
        let requesters = self.requesters.join(other.requesters);
        for (half_hour, more) in self.half_hours.iter_mut().zip(other.half_hours) {
            half_hour.reads = half_hour.reads.saturating_add(more.reads);
            half_hour.addresses.join(&more.addresses, &addresses);
            half_hour.requesters.join(&more.requesters, &requesters);
        }
    }

    fn finish(self, ask: &CensusAsk) -> Census {
        let steps = self
            .steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.requests > 0);
        let steps = steps.map(|(place, step)| OutcomeStep {
            start: start(place, self.first, STEP),
            requests: step.requests.into(),
            slow_downs: step.slow_downs.into(),
            server_errors: step.server_errors.into(),
        });
        Census {
            steps: steps.collect(),
            reading_addresses: self.bursts(ask, &self.addresses, |half_hour| &half_hour.addresses),
            reading_requesters: self.bursts(ask, &self.requesters, |half_hour| &half_hour.requesters),
            busy: self.busy(|second| second.requests),
            busy_writing: self.busy(|second| second.writes_and_lists),
            unfollowed: self.addresses.unfollowed() + self.requesters.unfollowed(),
            addresses: self.addresses.standing_out(ask),
            requesters: self.requesters.standing_out(ask),
            totals: self.totals,
        }
    }

    /// Who may have read more than the bar in an hour, each with the hour in which most.
    fn bursts<N: Names>(
        &self,
        ask: &CensusAsk,
        clients: &Clients<N>,
        heavy: fn(&HalfHour) -> &Heavy,
    ) -> Vec<Burst> {
        let mut hours: hashbrown::HashMap<u32, Vec<Hour>> = hashbrown::HashMap::new();
        let none = HalfHour::default();
        for (place, half_hour) in self.half_hours.iter().enumerate() {
            let next = self.half_hours.get(place + 1).unwrap_or(&none);
            let all = half_hour.reads.saturating_add(next.reads);
            let share = all.saturating_mul(ask.reads.percent) / 100;
            let bar = ask.reads.least.max(share).max(1);
            for (id, least, most) in Heavy::together(heavy(half_hour), heavy(next)) {
                let reaches = all >= bar && most >= bar;
                hours.entry(id).or_default().push(Hour {
                    place,
                    least,
                    most,
                    all,
                    reaches,
                });
            }
        }
        let half_hours = i64::try_from(ask.apart.as_secs()).unwrap_or(i64::MAX) / HALF_HOUR;
        let apart = usize::try_from(half_hours).unwrap_or(usize::MAX);
        let mut bursts: Vec<Burst> = hours
            .into_iter()
            .filter_map(|(id, hours)| {
                let best = hours.iter().filter(|hour| hour.reaches);
                let best = best.max_by(|a, b| a.most.cmp(&b.most).then_with(|| b.place.cmp(&a.place)))?;
                let others = hours
                    .iter()
                    .filter(|hour| hour.place.abs_diff(best.place) > apart);
                Some(Burst {
                    value: clients.name(id),
                    start: start(best.place, self.first, HALF_HOUR),
                    reads_at_least: best.least,
                    reads_at_most: best.most,
                    reads_of_all: best.all,
                    ever_at_most: hours.iter().map(|hour| hour.most).max().unwrap_or(0),
                    elsewhere_at_least: others.map(|hour| hour.least).max().unwrap_or(0),
                })
            })
            .collect();
        bursts.sort_unstable_by(|a, b| {
            let order = b.reads_at_most.cmp(&a.reads_at_most);
            order.then_with(|| a.value.cmp(&b.value))
        });
        bursts.truncate(ask.limit);
        bursts
    }

    /// The seconds with most requests, and how many the busiest of the others has.
    fn busy(&self, of: fn(&Second) -> u32) -> BusySeconds {
        let counted = self.seconds.iter().enumerate();
        let mut counted: Vec<(u32, usize)> = counted
            .map(|(place, second)| (of(second), place))
            .filter(|(requests, _)| *requests > 0)
            .collect();
        let by_count = |a: &(u32, usize), b: &(u32, usize)| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1));
        let mut rest = 0;
        if counted.len() > BUSY_SECONDS {
            let (_, first_left_out, _) = counted.select_nth_unstable_by(BUSY_SECONDS, by_count);
            rest = first_left_out.0;
            counted.truncate(BUSY_SECONDS);
        }
        counted.sort_unstable_by(by_count);
        let seconds = counted
            .iter()
            .map(|(requests, place)| (start(*place, self.first, 1), u64::from(*requests)));
        BusySeconds {
            seconds: seconds.collect(),
            rest_at_most: rest.into(),
        }
    }
}

impl Outcomes {
    fn join(&mut self, other: &Self) {
        for (counter, more) in [
            (&mut self.requests, other.requests),
            (&mut self.refused, other.refused),
            (&mut self.missing, other.missing),
            (&mut self.slow_downs, other.slow_downs),
            (&mut self.server_errors, other.server_errors),
            (&mut self.listings, other.listings),
            (&mut self.reads, other.reads),
            (&mut self.whole_reads, other.whole_reads),
            (&mut self.partial_reads, other.partial_reads),
            (&mut self.cut_short, other.cut_short),
        ] {
            *counter = counter.saturating_add(more);
        }
    }

    fn count(&mut self, request: &Request, read: bool) {
        let add = |counter: &mut u64, holds: bool| *counter = counter.saturating_add(u64::from(holds));
        let status = request.status;
        add(&mut self.requests, true);
        add(&mut self.refused, is_refusal(status));
        add(&mut self.missing, status == 404);
        add(&mut self.slow_downs, is_slow_down(status));
        add(&mut self.server_errors, is_server_error(status));
        add(&mut self.listings, request.deed.is_listing);
        add(&mut self.reads, read);
        add(&mut self.whole_reads, read && status == 200);
        add(&mut self.partial_reads, read && status == 206);
        add(&mut self.cut_short, read && status == 200 && request.cut_short);
    }
}

pub(super) fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 403)
}

/// The store asked to slow down.
fn is_slow_down(status: u16) -> bool {
    matches!(status, 429 | 503)
}

fn is_server_error(status: u16) -> bool {
    (500..600).contains(&status) && status != 503
}

fn second_of(time: Timestamp) -> i64 {
    time.as_microsecond().div_euclid(1_000_000)
}

/// The counter of the step that a second lies in.
fn place<T>(counters: &mut [T], second: i64, first: i64, step: i64) -> Option<&mut T> {
    let place = second.div_euclid(step) - first.div_euclid(step);
    counters.get_mut(usize::try_from(place).ok()?)
}

/// When a step begins.
fn start(place: usize, first: i64, step: i64) -> Timestamp {
    let steps = first
        .div_euclid(step)
        .saturating_add(i64::try_from(place).unwrap_or(0));
    Timestamp::from_second(steps.saturating_mul(step)).unwrap_or(Timestamp::UNIX_EPOCH)
}
