//! `spacewatch diff`

use spacewatch_insight::{Basis, Diff, DiffArgs, DiffBy, DiffHeap, DiffOutput, DiffRow, Limit, Severity};
use spacewatch_model::{ByteSize, OneLine};

use super::asking::Asking;
use super::logs::tell_coverage;
use crate::cli::diff::DiffArgs as DiffLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: DiffLine, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = DiffArgs {
        bucket: args.target.bucket,
        prefix: args.target.prefix,
        from: args.since.unwrap_or_default(),
        to: args.until.unwrap_or_default(),
        depth: Some(Limit(args.depth.into())),
        limit: Some(Limit(args.limit.into())),
        kind: args.kind,
        wait: !args.log.no_wait,
    };
    let found = asking
        .ask::<Diff>("laying two inventories and the log side by side", asked)
        .await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    show(&found)?;
    tell(&found);
    Ok(())
}

fn show(found: &DiffOutput) -> Result<(), Failure> {
    let width = output::terminal_width();
    let pointed_at = found
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_none());
    for finding in pointed_at {
        let severity = finding.severity.as_str().to_uppercase();
        let shout = finding.severity > Severity::Info;
        let advice = if shout {
            finding.advice.as_str()
        } else {
            finding.why.as_str()
        };
        output::print(&format!(
            "{severity}: {}\n  {}\n",
            OneLine(&finding.title),
            OneLine(advice)
        ))?;
    }
    let mut tables = Vec::new();
    if !found.unexplained.is_empty() {
        tables.push(changes("UNEXPLAINED", &found.unexplained));
    }
    tables.push(totals(found));
    if !found.prefixes.is_empty() {
        tables.push(prefixes(found));
    }
    let lists = [
        ("ADDED", &found.added),
        ("GROWN", &found.grown),
        ("SHRUNK", &found.shrunk),
        ("OVERWRITTEN", &found.overwritten),
        ("REMOVED", &found.removed),
        ("TRANSITIONED", &found.transitioned),
        ("VERSIONS AND MARKERS", &found.versions),
    ];
    let lists = lists.iter().filter(|(_, rows)| !rows.is_empty());
    tables.extend(lists.map(|(head, rows)| changes(head, rows)));
    for (head, rows) in [("REQUESTER", &found.requesters), ("ADDRESS", &found.addresses)] {
        if !rows.is_empty() {
            tables.push(clients(head, rows));
        }
    }
    for (number, table) in tables.iter().enumerate() {
        if number > 0 || !found.findings.is_empty() {
            output::print("\n")?;
        }
        output::print(&table.render(width))?;
    }
    Ok(())
}

fn totals(found: &DiffOutput) -> Table {
    let mut table = Table::new(&[
        ("CHANGE", Align::Left),
        ("OBJECTS", Align::Right),
        ("BEFORE", Align::Right),
        ("AFTER", Align::Right),
        ("BY REQUEST", Align::Right),
        ("BY RULE", Align::Right),
        ("AMBIGUOUS", Align::Right),
        ("UNEXPLAINED", Align::Right),
    ]);
    for total in &found.totals {
        let unexplained = match total.without_log {
            0 => output::thousands(total.unexplained),
            _ => "no log".to_owned(),
        };
        table.row(vec![
            total.kind.as_str().replace('_', " "),
            output::thousands(total.objects),
            total.bytes_before.to_string(),
            total.bytes_after.to_string(),
            output::thousands(total.by_request),
            output::thousands(total.by_lifecycle),
            output::thousands(total.ambiguous),
            unexplained,
        ]);
    }
    table
}

fn heap(heap: DiffHeap) -> String {
    match heap.objects {
        0 => "-".to_owned(),
        objects => format!("{} ({})", output::thousands(objects), heap.bytes),
    }
}

fn prefixes(found: &DiffOutput) -> Table {
    let mut table = Table::new(&[
        ("ADDED", Align::Right),
        ("REMOVED", Align::Right),
        ("CHANGED", Align::Right),
        ("GREW", Align::Right),
        ("SHRANK", Align::Right),
        ("UNEXPLAINED", Align::Right),
        ("PREFIX", Align::Left),
    ]);
    for row in &found.prefixes {
        let folder = if row.prefix.is_empty() {
            "(no folder)"
        } else {
            &row.prefix
        };
        table.row(vec![
            heap(row.added),
            heap(row.removed),
            heap(row.changed),
            row.grown_bytes.to_string(),
            row.shrunk_bytes.to_string(),
            output::thousands(row.unexplained),
            folder.to_owned(),
        ]);
    }
    table
}

fn changes(head: &str, rows: &[DiffRow]) -> Table {
    let mut table = Table::new(&[
        ("BYTES", Align::Right),
        ("WHEN", Align::Left),
        ("BY", Align::Left),
        ("FROM", Align::Left),
        ("OPERATION", Align::Left),
        (head, Align::Left),
    ]);
    for row in rows {
        let deed = row.deed.as_ref();
        let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "-".to_owned());
        let operation = deed.map_or_else(
            || row.explained_by.as_str().replace('_', " "),
            |deed| deed.operation.clone(),
        );
        table.row(vec![
            row.bytes.to_string(),
            deed.map_or_else(|| "-".to_owned(), |deed| output::instant(deed.ts)),
            text(deed.and_then(|deed| deed.requester.as_ref())),
            text(deed.and_then(|deed| deed.ip.as_ref())),
            operation,
            row.key.clone(),
        ]);
    }
    table
}

fn clients(head: &str, rows: &[DiffBy]) -> Table {
    let mut table = Table::new(&[
        ("CHANGES", Align::Right),
        ("ADDED", Align::Right),
        ("REMOVED", Align::Right),
        ("CHANGED", Align::Right),
        (head, Align::Left),
    ]);
    for row in rows {
        table.row(vec![
            output::thousands(row.changes),
            heap(row.added),
            heap(row.removed),
            heap(row.changed),
            row.value.clone().unwrap_or_else(|| "(anonymous)".to_owned()),
        ]);
    }
    table
}

fn tell(found: &DiffOutput) {
    let delta = ByteSize(found.bytes_delta.unsigned_abs());
    let word = if found.bytes_delta < 0 { "less" } else { "more" };
    eprintln!(
        "{} among {}, {delta} {word}",
        output::counted(found.changes, "change"),
        output::counted(found.keys, "key")
    );
    eprintln!(
        "between the inventories of {} and {}",
        scan(&found.from),
        scan(&found.to)
    );
    if found.ambiguous > 0 {
        eprintln!(
            "note: {} could not be told apart by time or name",
            output::counted(found.ambiguous, "change")
        );
    }
    let suppressed = found
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_some())
        .count();
    if suppressed > 0 {
        let suppressed = u64::try_from(suppressed).unwrap_or(u64::MAX);
        eprintln!(
            "note: {} suppressed; `--json` shows all",
            output::counted(suppressed, "finding")
        );
    }
    if found.passing.keys > 0 {
        eprintln!(
            "note: {} came and went between them ({} written)",
            output::counted(found.passing.keys, "key"),
            found.passing.bytes
        );
    }
    if found.truncated {
        eprintln!("note: there is more than these lists hold; see --limit, --kind and --csv");
    }
    match &found.coverage {
        Some(coverage) => tell_coverage(coverage),
        None => eprintln!("note: {}", OneLine(found.note.as_deref().unwrap_or_default())),
    }
    let covered = found
        .coverage
        .as_ref()
        .and_then(|coverage| coverage.note.as_ref());
    if let Some(note) = found
        .note
        .as_ref()
        .filter(|note| found.coverage.is_some() && covered != Some(*note))
    {
        eprintln!("note: {}", OneLine(note));
    }
}

fn scan(basis: &Basis) -> String {
    format!(
        "{} … {}",
        output::instant(basis.as_of),
        output::instant(basis.finished_at)
    )
}
