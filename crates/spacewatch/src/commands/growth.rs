//! `spacewatch growth`

use jiff::Timestamp;
use spacewatch_insight::{
    BucketGrowth, Given, GrownBy, GrownOver, Growth, GrowthArgs, GrowthChange, GrowthForecast, GrowthMetric,
    GrowthOutput, GrowthReach, Limit, PrefixesGrown, ReachOutcome, SourceBucket, TurnKind,
};
use spacewatch_model::{ByteSize, OneLine};

use super::asking::Asking;
use super::logs::tell_coverage;
use crate::cli::growth::GrowthArgs as GrowthLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

/// Steps of the forecast that are shown.
const SHOWN: usize = 6;

pub(super) async fn run(args: GrowthLine, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let limit = |number: u32| Some(Limit(number.into()));
    let asked = GrowthArgs {
        bucket: args.bucket.map(SourceBucket::from).unwrap_or_default(),
        metric: args.metric.unwrap_or_default(),
        history_days: limit(args.history_days),
        days: limit(args.days),
        reach: args.reach.clone().unwrap_or_default(),
        confidence: limit(args.confidence),
        depth: Some(args.depth),
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<Growth>("looking ahead", asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    let wished = args.reach.as_ref().and_then(Given::text);
    tell(&found, wished.unwrap_or_default())
}

fn tell(found: &GrowthOutput, wished: &str) -> Result<(), Failure> {
    let metric = found.metric;
    let mut sections = Vec::new();
    if !found.buckets.is_empty() {
        sections.push(buckets(metric, &found.buckets));
    }
    if let Some(forecast) = &found.forecast {
        sections.push(ahead(metric, forecast));
    }
    if !found.changes.is_empty() {
        sections.push(changes(metric, &found.changes));
    }
    if let Some(grown) = found.prefixes.as_ref().filter(|grown| !grown.prefixes.is_empty()) {
        sections.push(prefixes(grown));
    }
    let tables: Vec<_> = sections
        .iter()
        .map(|table| table.render(output::terminal_width()))
        .collect();
    output::print(&tables.join("\n"))?;
    for line in sentences(found, wished) {
        output::print(&format!("\n{line}\n"))?;
    }
    for note in &found.notes {
        eprintln!("note: {}", OneLine(note));
    }
    if let Some(coverage) = &found.coverage {
        tell_coverage(coverage);
    }
    Ok(())
}

fn shown(metric: GrowthMetric, value: u64) -> String {
    match metric.is_bytes() {
        true => ByteSize(value).to_string(),
        false => output::thousands(value),
    }
}

fn signed(metric: GrowthMetric, value: i64) -> String {
    let sign = match value {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", shown(metric, value.unsigned_abs()))
}

fn buckets(metric: GrowthMetric, rows: &[BucketGrowth]) -> Table {
    let mut table = Table::new(&[
        ("BUCKET", Align::Left),
        ("NOW", Align::Right),
        ("1 DAY", Align::Right),
        ("7 DAYS", Align::Right),
        ("30 DAYS", Align::Right),
    ]);
    for row in rows {
        let over = |days: u32| {
            let over = row.grown.iter().find(|over| over.days == days);
            over.map_or_else(|| "?".to_owned(), |over| change(metric, over))
        };
        table.row(vec![
            format!("{}{}", OneLine(&row.bucket), under(&row.prefix)),
            row.now.map_or_else(String::new, |now| shown(metric, now)),
            over(1),
            over(7),
            over(30),
        ]);
    }
    table
}

fn under(prefix: &str) -> String {
    match prefix {
        "" => String::new(),
        prefix => format!("/{}", OneLine(prefix)),
    }
}

fn change(metric: GrowthMetric, over: &GrownOver) -> String {
    let percent = over.change_percent.map(|percent| format!(" ({percent:+.1} %)"));
    format!("{}{}", signed(metric, over.change), percent.unwrap_or_default())
}

/// A few steps of the forecast, the last one always.
fn ahead(metric: GrowthMetric, forecast: &GrowthForecast) -> Table {
    let interval = format!("{} % INTERVAL", forecast.confidence_percent);
    let mut table = Table::new(&[
        ("AHEAD", Align::Left),
        ("LIKELY", Align::Right),
        (&interval, Align::Right),
    ]);
    let steps = forecast.points.len();
    let mut wanted: Vec<usize> = (1..=SHOWN)
        .map(|part| (steps * part / SHOWN).saturating_sub(1))
        .collect();
    wanted.dedup();
    for point in wanted.into_iter().filter_map(|step| forecast.points.get(step)) {
        table.row(vec![
            moment(point.ts),
            shown(metric, point.value),
            format!("{} to {}", shown(metric, point.lower), shown(metric, point.upper)),
        ]);
    }
    table
}

fn moment(moment: Timestamp) -> String {
    if moment.as_second().rem_euclid(86_400) == 0 {
        moment.strftime("%Y-%m-%d").to_string()
    } else {
        output::instant(moment)
    }
}

fn changes(metric: GrowthMetric, changes: &[GrowthChange]) -> Table {
    let mut table = Table::new(&[
        ("CHANGED", Align::Left),
        ("BEFORE A DAY", Align::Right),
        ("SINCE", Align::Right),
        ("WHAT MAKES IT", Align::Left),
    ]);
    for change in changes {
        let made: Vec<_> = change
            .explained_by
            .iter()
            .take(3)
            .map(|by| format!("{} ({:.0} %)", value(by.dimension, &by.value), by.share_percent))
            .collect();
        let for_once = match change.kind {
            TurnKind::Pace => "",
            TurnKind::Jump => " once",
        };
        table.row(vec![
            moment(change.at),
            pace(metric, change.before_per_day),
            format!("{}{for_once}", pace(metric, change.after_per_day)),
            made.join(", "),
        ]);
    }
    table
}

/// `prefix web/`, `no prefix`, `no requester`
fn value(dimension: &str, value: &str) -> String {
    match value {
        "" => format!("no {dimension}"),
        value => format!("{dimension} {}", OneLine(value)),
    }
}

/// What is stored grows by it; what happens is so much.
fn pace(metric: GrowthMetric, a_day: i64) -> String {
    match metric.is_level() {
        true => signed(metric, a_day),
        false => shown(metric, a_day.unsigned_abs()),
    }
}

fn prefixes(grown: &PrefixesGrown) -> Table {
    let since = format!(
        "{} SINCE {}",
        match grown.told_by {
            GrownBy::Inventories => "CHANGED",
            GrownBy::WrittenSince => "WRITTEN",
        },
        grown.since.strftime("%Y-%m-%d")
    );
    let mut table = Table::new(&[
        ("PREFIX", Align::Left),
        (&since, Align::Right),
        ("OBJECTS", Align::Right),
        ("SHARE", Align::Right),
    ]);
    for row in &grown.prefixes {
        table.row(vec![
            match row.prefix.as_str() {
                "" => "(no prefix)".to_owned(),
                prefix => OneLine(prefix).to_string(),
            },
            signed(GrowthMetric::SizeBytes, row.bytes_change),
            signed(GrowthMetric::ObjectCount, row.objects_change),
            format!("{:.1} %", row.share_percent),
        ]);
    }
    table
}

fn sentences(found: &GrowthOutput, wished: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(why) = &found.no_forecast {
        sentences.push(format!("No forecast: {why}."));
    }
    if let Some(reach) = &found.reaches {
        sentences.push(reached(&OneLine(wished).to_string(), reach));
    }
    if let Some(allowance) = &found.allowance {
        let (covered, used) = (ByteSize(allowance.bytes), ByteSize(allowance.used_bytes));
        let ends = reached(
            &format!("what the monthly price covers ({covered}, {used} used)"),
            &allowance.ends,
        );
        sentences.push(ends);
    }
    sentences
}

/// `1.00 TiB is reached on 2027-01-14 (2027-01-02 to 2027-02-11).`
fn reached(what: &str, reach: &GrowthReach) -> String {
    let at =
        |at: Option<Timestamp>| at.map_or_else(|| format!("after {}", moment(reach.looked_until)), moment);
    let text = match reach.outcome {
        ReachOutcome::Reached => format!("{what} is reached already."),
        ReachOutcome::Expected => format!(
            "{what} is reached on {} (between {} and {}).",
            at(reach.likely),
            at(reach.earliest),
            at(reach.latest)
        ),
        ReachOutcome::Possible => format!(
            "{what} is likely not reached before {}, at the earliest on {}.",
            moment(reach.looked_until),
            at(reach.earliest)
        ),
        ReachOutcome::NotWithin => format!("{what} is not reached before {}.", moment(reach.looked_until)),
    };
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
