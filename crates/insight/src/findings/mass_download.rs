//! Who read unusually many different keys in a short time: compared with everybody else in that hour, and with what it did before.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use spacewatch_lake::{ActivityAsk, Burst, Dimension, IpFilter, LISTINGS, RecordFilter, Top, Who};
use spacewatch_model::TimeRange;

use super::Rule;
use super::denied::of_client;
use super::scene::{LEAST_READS, Scene, Verdict, counted, given, parts, percent, span};
use crate::finding::{Figure, Finding, Severity};
use crate::{SearchLogsArgs, ToolError};

/// Of everybody's reads in that hour, at least so many percent …
const SHARE: u64 = 20;
/// … or so many times what any other client of its kind read in its busiest hour.
const TIMES_OTHERS: u64 = 10;
/// And so many times what it read itself in its busiest other hour: who takes a backup each night does nothing unusual.
const TIMES_ITSELF: u64 = 4;
/// What it did before is looked at so far back: a week holds every day of the week.
const PAST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A download that goes on for longer is no burst but a client at work.
const LONGEST: i64 = 48;
/// Hours that begin farther from its busiest one than this don't belong to it.
pub(super) const FARTHEST: Duration =
    Duration::from_secs((LONGEST.unsigned_abs() + 1) * HALF_HOUR.unsigned_abs());
/// It goes on while half-hours have at least a tenth of the reads of its busiest one, or for one that hasn't.
const GOES_ON: u64 = 10;
/// Clients that are looked at closely.
const CANDIDATES: usize = 10;
/// Where one address made so many percent of a requester's reads, the address tells the story.
const ONE_ADDRESS: u64 = 80;
/// Keys are often listed before they are taken.
const LISTED_BEFORE: SignedDuration = SignedDuration::from_hours(1);

const HALF_HOUR: i64 = 1_800;

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let mut verdict = Verdict::default();
    for (who, bursts) in [
        (Who::Address, &scene.census.reading_addresses),
        (Who::Requester, &scene.census.reading_requesters),
    ] {
        let unusual = bursts.iter().filter(|burst| is_unusual(burst, bursts));
        let unusual: Vec<&Burst> = unusual.filter(|burst| !is_steady(scene, burst)).collect();
        verdict.truncated |= unusual.len() > CANDIDATES;
        for burst in unusual.into_iter().take(CANDIDATES) {
            if let Some(finding) = look(scene, who, burst).await? {
                verdict.add(finding);
            }
        }
    }
    Ok(verdict)
}

fn is_unusual(burst: &Burst, all: &[Burst]) -> bool {
    let others = all.iter().filter(|other| other.value != burst.value);
    let busiest = others
        .map(|other| other.reads_at_least)
        .max()
        .unwrap_or(0)
        .max(LEAST_READS);
    burst.reads_at_most.saturating_mul(100) >= burst.reads_of_all.saturating_mul(SHARE)
        || burst.reads_at_most >= busiest.saturating_mul(TIMES_OTHERS)
}

/// Whether the census shows already that it reads as much at other times. What was before the period it doesn't know, so of a download
/// that may have begun there it tells nothing.
fn is_steady(scene: &Scene<'_>, burst: &Burst) -> bool {
    let began = burst.start.duration_since(scene.from).unsigned_abs();
    began > FARTHEST && burst.ever_at_most < burst.elsewhere_at_least.saturating_mul(TIMES_ITSELF)
}

/// The reads of one client.
fn reads_of(scene: &Scene<'_>, (who, value): (Who, &str), period: TimeRange) -> RecordFilter {
    of(scene.reads(period), who, value)
}

fn of(filter: RecordFilter, who: Who, value: &str) -> RecordFilter {
    let address = value.parse::<std::net::IpAddr>().ok();
    match who {
        Who::Address => RecordFilter {
            ips: address
                .map(|address| IpFilter::Network(address.into()))
                .into_iter()
                .collect(),
            ..filter
        },
        Who::Requester => RecordFilter {
            requester: Some(value.to_owned()),
            ..filter
        },
    }
}

/// When it was, and what it compares with.
#[derive(Debug, PartialEq, Eq)]
struct Episode {
    /// The first half-hour, and the first that isn't part of it any more.
    begins: i64,
    ends: i64,
    /// Reads in its busiest hour.
    busiest: u64,
    /// Reads in the busiest hour outside of it.
    busiest_other: u64,
}

/// The time around `peak` in which a client read much, out of its reads by half-hours in order.
fn episode(halves: &[(i64, u64)], peak: i64) -> Episode {
    let at = |half: i64| {
        let place = halves.binary_search_by_key(&half, |(half, _)| *half).ok();
        place
            .and_then(|place| halves.get(place))
            .map_or(0, |(_, reads)| *reads)
    };
    let peak = if at(peak + 1) > at(peak) { peak + 1 } else { peak };
    let goes_on = |half: i64| at(half).saturating_mul(GOES_ON) >= at(peak) && at(half) > 0;
    let reach = |step: i64| {
        let mut last = peak;
        while (last - peak).abs() <= LONGEST {
            match [last + step, last + 2 * step]
                .into_iter()
                .find(|half| goes_on(*half))
            {
                Some(next) => last = next,
                None => break,
            }
        }
        last
    };
    let (begins, ends) = (reach(-1), reach(1) + 1);
    let hour = |half: i64| at(half).saturating_add(at(half + 1));
    let inside = |half: i64| half + 1 >= begins && half < ends;
    let starts = || halves.iter().flat_map(|(half, _)| [*half - 1, *half]);
    Episode {
        begins,
        ends,
        busiest: starts().filter(|half| inside(*half)).map(hour).max().unwrap_or(0),
        busiest_other: starts()
            .filter(|half| !inside(*half))
            .map(hour)
            .max()
            .unwrap_or(0),
    }
}

async fn look(scene: &Scene<'_>, who: Who, burst: &Burst) -> Result<Option<Finding>, ToolError> {
    let client = (who, burst.value.as_str());
    let past = scene.from.checked_sub(PAST).unwrap_or(Timestamp::MIN);
    let halves = halves(scene, client, span(past.max(scene.log_begins), scene.to)).await?;
    let episode = episode(&halves, burst.start.as_second().div_euclid(HALF_HOUR));
    let unlike_itself = episode.busiest >= episode.busiest_other.saturating_mul(TIMES_ITSELF);
    if episode.ends - episode.begins > LONGEST || !unlike_itself || episode.busiest < LEAST_READS {
        return Ok(None);
    }
    let moment = |half: i64| Timestamp::from_second(half.saturating_mul(HALF_HOUR)).unwrap_or(scene.to);
    let period = span(
        moment(episode.begins).max(scene.from),
        moment(episode.ends).min(scene.to),
    );
    let keys = scene.top(reads_of(scene, client, period), Dimension::Key).await?;
    if keys.distinct < LEAST_READS {
        return Ok(None);
    }
    let addresses = scene
        .top(reads_of(scene, client, period), Dimension::RemoteIp)
        .await?;
    let most = addresses.rows.first().map_or(0, |row| row.requests);
    if who == Who::Requester && most.saturating_mul(100) >= addresses.requests.saturating_mul(ONE_ADDRESS) {
        return Ok(None);
    }
    let seen = Seen {
        client,
        period,
        episode,
        keys,
        addresses,
    };
    finding(scene, seen, burst).await.map(Some)
}

/// Reads by half-hour, in order.
async fn halves(
    scene: &Scene<'_>,
    client: (Who, &str),
    period: TimeRange,
) -> Result<Vec<(i64, u64)>, ToolError> {
    let ask = ActivityAsk {
        filter: reads_of(scene, client, period),
        step: Some(Duration::from_secs(HALF_HOUR.unsigned_abs())),
        by: None,
        extremes: false,
    };
    let mut halves: std::collections::BTreeMap<i64, u64> = std::collections::BTreeMap::new();
    for row in scene.lake.activity(&ask).await? {
        let Some(step) = row.step else { continue };
        let reads = halves.entry(step.as_second().div_euclid(HALF_HOUR)).or_default();
        *reads = reads.saturating_add(row.records);
    }
    Ok(halves.into_iter().collect())
}

/// What was seen of a mass download.
struct Seen<'c> {
    client: (Who, &'c str),
    period: TimeRange,
    episode: Episode,
    keys: Top,
    addresses: Top,
}

async fn finding(scene: &Scene<'_>, seen: Seen<'_>, burst: &Burst) -> Result<Finding, ToolError> {
    let (who, value) = seen.client;
    let listings = listings(scene, &seen).await?;
    let (severity, listed) = match listings {
        0 => (Severity::Medium, ""),
        _ => (Severity::High, "listed the bucket and "),
    };
    let mut finding = scene.finding(Rule::MassDownload, severity, Some(value));
    finding.title = format!(
        "{value} {listed}read {} in {} from {} on",
        counted(seen.keys.distinct, "different key"),
        counted(seen.keys.requests, "request"),
        seen.period.from.unwrap_or(scene.from),
    );
    finding.why = "nobody else reads like that, and it didn't before: a leaked key, a mirror nobody knows of, or somebody leaving with the data"
        .to_owned();
    finding.advice = "find out whose program it was; if nobody's, replace the key it used and treat what it read as known to others".to_owned();
    finding.first_seen = seen.addresses.rows.iter().map(|row| row.first_seen).min();
    finding.last_seen = seen.addresses.rows.iter().map(|row| row.last_seen).max();
    finding.figures = vec![
        Figure::count("reads", seen.keys.requests),
        Figure::count("different_keys", seen.keys.distinct),
        Figure::bytes("bytes_sent", seen.keys.bytes_sent),
        Figure::count("reads_in_busiest_hour", seen.episode.busiest),
        Figure::count("reads_in_busiest_other_hour", seen.episode.busiest_other),
        Figure::new(
            "share_of_all_reads_in_that_hour",
            percent(burst.reads_at_least, burst.reads_of_all),
            "Percent",
        ),
        Figure::count("listings", listings),
    ];
    let requesters = scene
        .top(reads_of(scene, seen.client, seen.period), Dimension::Requester)
        .await?;
    let whole = (seen.period, seen.keys.requests);
    finding.parts.extend(parts("address", seen.addresses));
    finding.parts.extend(parts("requester", requesters));
    finding.parts.extend(parts("key", seen.keys));
    let query = of_client(scene.search_reads(), who, value);
    finding
        .proofs
        .push(scene.proof("what it read", query, whole).await?);
    if listings > 0 {
        let query = SearchLogsArgs {
            operation: given(&LISTINGS.join(",")),
            ..of_client(scene.search(), who, value)
        };
        let listed = (listed_in(scene, seen.period), listings);
        finding
            .proofs
            .push(scene.proof("what it listed", query, listed).await?);
    }
    Ok(finding)
}

/// How often it listed, shortly before and meanwhile.
async fn listings(scene: &Scene<'_>, seen: &Seen<'_>) -> Result<u64, ToolError> {
    let (who, value) = seen.client;
    let filter = RecordFilter {
        operations: LISTINGS.map(str::to_owned).to_vec(),
        ..of(scene.records(listed_in(scene, seen.period)), who, value)
    };
    Ok(scene.top(filter, Dimension::Bucket).await?.requests)
}

fn listed_in(scene: &Scene<'_>, period: TimeRange) -> TimeRange {
    let earlier = period.from.and_then(|from| from.checked_sub(LISTED_BEFORE).ok());
    TimeRange {
        from: earlier.map(|from| from.max(scene.from)),
        to: period.to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(halves: &[(i64, u64)], peak: i64, expected: (i64, i64, u64, u64)) {
        let found = episode(halves, peak);
        assert_eq!(
            (found.begins, found.ends, found.busiest, found.busiest_other),
            expected
        );
    }

    #[test]
    fn a_download_is_told_from_its_own_past() {
        check(&[(10, 100), (11, 30)], 10, (10, 12, 130, 0));
        // From the half-hour before as well: an hour may begin in either.
        check(&[(10, 100), (11, 30)], 9, (10, 12, 130, 0));
        // A little each half-hour is no part of it.
        check(
            &[(7, 5), (8, 5), (9, 5), (10, 100), (11, 5), (12, 5)],
            10,
            (10, 11, 105, 10),
        );
        // One quiet half-hour is.
        check(&[(10, 100), (12, 80), (15, 90)], 10, (10, 13, 100, 90));
        // Every night the same.
        check(&[(10, 100), (58, 99), (106, 101)], 106, (106, 107, 101, 100));
    }

    #[test]
    fn whoever_reads_all_the_time_downloads_nothing_at_once() {
        let halves: Vec<(i64, u64)> = (0..200).map(|half| (half, 50)).collect();
        let found = episode(&halves, 100);
        assert!(found.ends - found.begins > LONGEST);
    }
}
