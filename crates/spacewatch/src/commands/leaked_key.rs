//! `spacewatch leaked-key`

use spacewatch_insight::{
    KeySource, LeakedKey, LeakedKeyArgs, LeakedKeyOutput, Limit, SourceBucket, Touched, TouchedObject,
};
use spacewatch_model::{ByteSize, OneLine};

use super::asking::Asking;
use super::logs::tell_coverage;
use crate::cli::leaked_key::LeakedKeyArgs as LeakedKeyLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: LeakedKeyLine, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = LeakedKeyArgs {
        requester: args.requester.unwrap_or_default(),
        access_key: args.access_key.unwrap_or_default(),
        source_bucket: args.bucket.map(SourceBucket::from).unwrap_or_default(),
        from: args.since,
        to: args.to.unwrap_or_default(),
        limit: Some(Limit(args.limit.into())),
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<LeakedKey>("following the key", asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    show(&found)?;
    tell(&found);
    Ok(())
}

fn show(found: &LeakedKeyOutput) -> Result<(), Failure> {
    let mut tables = vec![totals(found)];
    if found.totals.records > 0 {
        tables.push(sources("ADDRESS", &found.addresses));
        tables.push(sources("USER AGENT", &found.user_agents));
        tables.push(buckets(found));
    }
    for (head, rows) in [
        ("READ", &found.read),
        ("WROTE", &found.wrote),
        ("DELETED", &found.deleted),
    ] {
        if !rows.is_empty() {
            tables.push(objects(head, rows));
        }
    }
    if !found.listed.is_empty() {
        tables.push(listed(found));
    }
    if !found.refused.is_empty() {
        tables.push(refused(found));
    }
    if !found.within_reach.is_empty() {
        tables.push(reach(found));
    }
    let width = output::terminal_width();
    let shown: Vec<_> = tables.iter().map(|table| table.render(width)).collect();
    output::print(&shown.join("\n"))
}

fn totals(found: &LeakedKeyOutput) -> Table {
    let mut table = Table::new(&[
        ("TIMES", Align::Right),
        ("BYTES", Align::Right),
        ("OBJECTS", Align::Right),
        ("SINCE THE LEAK", Align::Left),
    ]);
    let totals = &found.totals;
    for (touched, what) in [
        (totals.read, "read"),
        (totals.wrote, "written"),
        (totals.deleted, "deleted"),
    ] {
        let Touched {
            times,
            bytes,
            objects,
        } = touched;
        table.row(vec![
            output::thousands(times),
            ByteSize(bytes).to_string(),
            output::thousands(objects),
            what.to_owned(),
        ]);
    }
    let mut row = |times: u64, bytes: String, what: &str| {
        table.row(vec![
            output::thousands(times),
            bytes,
            "-".to_owned(),
            what.to_owned(),
        ]);
    };
    row(totals.listings, "-".to_owned(), "listings");
    row(totals.refused, "-".to_owned(), "refused");
    row(
        totals.records,
        ByteSize(totals.bytes_sent).to_string(),
        "records in all, bytes sent",
    );
    table
}

fn sources(head: &str, rows: &[KeySource]) -> Table {
    let mut table = Table::new(&[
        ("RECORDS", Align::Right),
        ("SENT", Align::Right),
        ("FIRST SINCE", Align::Left),
        ("LAST", Align::Left),
        ("BEFORE", Align::Right),
        (head, Align::Left),
    ]);
    for row in rows {
        let before = match row.new {
            true => "never".to_owned(),
            false => output::thousands(row.records_before),
        };
        table.row(vec![
            output::thousands(row.records),
            ByteSize(row.bytes_sent).to_string(),
            output::instant(row.first_seen),
            output::instant(row.last_seen),
            before,
            row.value.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table
}

fn buckets(found: &LeakedKeyOutput) -> Table {
    let mut table = Table::new(&[
        ("RECORDS", Align::Right),
        ("READ", Align::Right),
        ("WROTE", Align::Right),
        ("DELETED", Align::Right),
        ("LISTED", Align::Right),
        ("REFUSED", Align::Right),
        ("BEFORE", Align::Right),
        ("BUCKET", Align::Left),
    ]);
    for row in &found.buckets {
        let counts = [
            row.records,
            row.read,
            row.wrote,
            row.deleted,
            row.listed,
            row.refused,
            row.records_before,
        ];
        let mut cells: Vec<_> = counts.into_iter().map(output::thousands).collect();
        cells.push(row.bucket.clone().unwrap_or_else(|| "-".to_owned()));
        table.row(cells);
    }
    table
}

fn objects(head: &str, rows: &[TouchedObject]) -> Table {
    let mut table = Table::new(&[
        ("TIMES", Align::Right),
        ("BYTES", Align::Right),
        ("FIRST", Align::Left),
        ("LAST", Align::Left),
        (head, Align::Left),
    ]);
    for row in rows {
        table.row(vec![
            output::thousands(row.times),
            ByteSize(row.bytes).to_string(),
            output::instant(row.first_seen),
            output::instant(row.last_seen),
            place(row.bucket.as_deref(), row.key.as_deref()),
        ]);
    }
    table
}

fn place(bucket: Option<&str>, key: Option<&str>) -> String {
    format!("{}/{}", bucket.unwrap_or("-"), key.unwrap_or_default())
}

fn listed(found: &LeakedKeyOutput) -> Table {
    let mut table = Table::new(&[
        ("TIMES", Align::Right),
        ("FIRST", Align::Left),
        ("LAST", Align::Left),
        ("LISTED", Align::Left),
    ]);
    for row in &found.listed {
        table.row(vec![
            output::thousands(row.listings),
            output::instant(row.first_seen),
            output::instant(row.last_seen),
            place(row.bucket.as_deref(), row.prefix.as_deref()),
        ]);
    }
    table
}

fn refused(found: &LeakedKeyOutput) -> Table {
    let mut table = Table::new(&[
        ("TIMES", Align::Right),
        ("STATUS", Align::Left),
        ("BUCKET", Align::Left),
        ("REFUSED", Align::Left),
    ]);
    for row in &found.refused {
        table.row(vec![
            output::thousands(row.records),
            format!("{} {}", row.status, row.error_code.as_deref().unwrap_or_default()),
            row.bucket.clone().unwrap_or_else(|| "-".to_owned()),
            row.operation.clone(),
        ]);
    }
    table
}

fn reach(found: &LeakedKeyOutput) -> Table {
    let mut table = Table::new(&[
        ("ANSWERED", Align::Right),
        ("OBJECTS", Align::Right),
        ("BYTES", Align::Right),
        ("AS OF", Align::Left),
        ("COULD HAVE READ AT MOST", Align::Left),
    ]);
    let dash = || "-".to_owned();
    for row in &found.within_reach {
        let bucket = match &row.unknown {
            Some(why) => format!("{}: {why}", row.bucket),
            None => row.bucket.clone(),
        };
        table.row(vec![
            output::thousands(row.answered),
            row.objects.map_or_else(dash, output::thousands),
            row.bytes.map_or_else(dash, |bytes| bytes.to_string()),
            row.as_of.map_or_else(dash, output::instant),
            bucket,
        ]);
    }
    table
}

fn tell(found: &LeakedKeyOutput) {
    let moment = |moment: Option<jiff::Timestamp>| moment.map_or_else(|| "never".to_owned(), output::instant);
    eprintln!(
        "first seen {}, last before the leak {}, first since {}, last {}",
        moment(found.first_seen),
        moment(found.last_seen_before),
        moment(found.first_seen_since),
        moment(found.last_seen),
    );
    let totals = &found.totals;
    eprintln!(
        "addresses: {}, {} of them new; user agents: {}, {} of them new",
        output::thousands(totals.addresses),
        output::thousands(totals.new_addresses),
        output::thousands(totals.user_agents),
        output::thousands(totals.new_user_agents),
    );
    if found.truncated {
        eprintln!(
            "there are more {}: raise --limit, up to 1000",
            found.truncated_lists.join(", ")
        );
    }
    for note in &found.notes {
        eprintln!("note: {}", OneLine(note));
    }
    tell_coverage(&found.coverage);
    if let Some(note) = &found.coverage_before.note {
        eprintln!("note on the time before: {}", OneLine(note));
    }
}
