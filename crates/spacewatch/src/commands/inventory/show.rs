//! `spacewatch inventory show`

use spacewatch_insight::{
    ClassTotals, InventorySummary, InventorySummaryArgs, InventorySummaryOutput, RankedObject, Summary,
};
use spacewatch_model::ByteSize;

use super::{limit, start, tell_basis};
use crate::cli::inventory::ShowArgs;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

/// Endings shown to people; programs get all of them.
const ENDINGS: usize = 12;

pub(super) async fn run(args: ShowArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let question = InventorySummaryArgs {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        max_age: None,
        limit: limit(args.limit),
    };
    let found = asking.ask::<InventorySummary>("summing up", question).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    show(&found)
}

fn show(found: &InventorySummaryOutput) -> Result<(), Failure> {
    let summary = &found.summary;
    let mut text = kinds(summary);
    let of = summary.stored_bytes;
    let by_extension = summary
        .by_extension
        .get(..ENDINGS)
        .unwrap_or(&summary.by_extension);
    for (head, classes) in [
        ("STORAGE CLASS", summary.by_storage_class.as_slice()),
        ("SIZE", &summary.by_size),
        ("AGE", &summary.by_age),
        ("ENDING", by_extension),
    ] {
        text += "\n";
        text += &class_table(head, classes, of).render(output::terminal_width());
    }
    for (head, objects) in [
        ("LARGEST", &summary.largest),
        ("OLDEST", &summary.oldest),
        ("NEWEST", &summary.newest),
    ] {
        text += "\n";
        text += &objects_table(head, objects).render(output::terminal_width());
    }
    output::print(&text)?;
    if summary.zero_byte_objects > 0 {
        eprintln!(
            "{} without a byte",
            output::counted(summary.zero_byte_objects, "object")
        );
    }
    if summary.odd_names > 0 {
        eprintln!(
            "{} with names that cause trouble: see `spacewatch inventory odd`",
            output::counted(summary.odd_names, "object")
        );
    }
    tell_basis(&found.basis);
    Ok(())
}

fn kinds(summary: &Summary) -> String {
    let totals = &summary.totals;
    let mut table = Table::new(&[
        ("SIZE", Align::Right),
        ("COUNT", Align::Right),
        ("WHAT", Align::Left),
    ]);
    let mut row = |size: Option<ByteSize>, count: u64, what: &str| {
        let size = size.map_or_else(|| "-".to_owned(), |size| size.to_string());
        table.row(vec![size, output::thousands(count), what.to_owned()]);
    };
    row(Some(totals.bytes), totals.objects, "objects");
    row(
        Some(totals.noncurrent_bytes),
        totals.noncurrent_versions,
        "older versions",
    );
    row(None, totals.delete_markers, "delete markers");
    row(
        Some(totals.incomplete_bytes),
        totals.incomplete_uploads,
        "incomplete uploads",
    );
    row(
        Some(summary.incomplete_bytes_older_than_7_days),
        summary.incomplete_uploads_older_than_7_days,
        "of them older than 7 days",
    );
    row(Some(summary.stored_bytes), totals.entries(), "in all");
    table.render(output::terminal_width())
}

fn class_table(head: &'static str, classes: &[ClassTotals], of: ByteSize) -> Table {
    let mut table = Table::new(&[
        ("STORED", Align::Right),
        ("SHARE", Align::Right),
        ("OBJECTS", Align::Right),
        (head, Align::Left),
    ]);
    for class in classes.iter().filter(|class| class.totals.entries() > 0) {
        let stored = class.totals.stored_bytes();
        table.row(vec![
            stored.to_string(),
            share(stored, of),
            output::thousands(class.totals.objects),
            class.class.clone(),
        ]);
    }
    table
}

/// A part of a whole in percent.
pub(super) fn share(part: ByteSize, whole: ByteSize) -> String {
    if whole.0 == 0 {
        return "-".to_owned();
    }
    format!("{:.1}%", part.0 as f64 * 100.0 / whole.0 as f64)
}

fn objects_table(head: &'static str, objects: &[RankedObject]) -> Table {
    let mut table = Table::new(&[
        ("SIZE", Align::Right),
        ("MODIFIED", Align::Left),
        (head, Align::Left),
    ]);
    for object in objects {
        table.row(vec![
            object.size_bytes.to_string(),
            object
                .last_modified
                .map_or_else(|| "-".to_owned(), output::instant),
            object.key.clone(),
        ]);
    }
    table
}
