//! Records as rows for people.

use spacewatch_insight::LogRecord;
use spacewatch_model::{ByteSize, OneLine};

use crate::failure::Failure;
use crate::output::{self, Align, Table};

/// Prints records, as a table or as the lines they come from.
pub(super) fn print(records: &[LogRecord], raw: bool) -> Result<(), Failure> {
    if raw {
        // Lines may hold what drives a terminal; only where no person looks they go out as they are.
        let plain = !output::is_terminal();
        let lines = records.iter().map(|record| match plain {
            true => format!("{}\n", record.raw),
            false => format!("{}\n", OneLine(&record.raw)),
        });
        return output::print(&lines.collect::<String>());
    }
    if records.is_empty() {
        return Ok(());
    }
    output::print(&table(records).render(output::terminal_width()))
}

/// Rows without the head, to go on below a table already printed.
pub(super) fn print_more(records: &[LogRecord]) -> Result<(), Failure> {
    output::print(&table(records).render_rows(output::terminal_width()))
}

fn table(records: &[LogRecord]) -> Table {
    let mut table = Table::new(&[
        ("TIME", Align::Left),
        ("CLIENT", Align::Left),
        ("METHOD", Align::Left),
        ("STATUS", Align::Right),
        ("SENT", Align::Right),
        ("MS", Align::Right),
        ("KEY", Align::Left),
    ])
    .with_least_widths(&[20, 15, 6, 6, 9, 5]);
    for record in records {
        table.row(cells(record));
    }
    table
}

fn cells(record: &LogRecord) -> Vec<String> {
    let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), output::thousands);
    let status = match (record.status, &record.error_code) {
        (0, _) => "-".to_owned(),
        (status, None) => status.to_string(),
        (status, Some(code)) => format!("{status} {code}"),
    };
    vec![
        output::instant(record.ts),
        record.ip.clone(),
        record.method.clone(),
        status,
        ByteSize(record.bytes_sent).to_string(),
        number(record.total_ms.or(record.turnaround_ms)),
        object(record),
    ]
}

/// The object a record is about; requests to a bucket show what they asked.
fn object(record: &LogRecord) -> String {
    let bucket = record.bucket.as_deref().unwrap_or("-");
    match &record.key {
        Some(key) => format!("{bucket}/{key}"),
        None => format!("{bucket} {}", record.operation),
    }
}
