//! `spacewatch logs sql`

use std::io::{self, Read};

use serde_json::Value;
use spacewatch_insight::{Limit, Sql, SqlArgs as Asked, SqlOutput};

use super::{ask, start, tell_coverage};
use crate::cli::logs::SqlArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

/// Longest SELECT that is read from standard input.
const MAX_SQL: u64 = 1 << 20;

pub(super) async fn run(args: SqlArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let sql = if args.text == "-" {
        standard_input()?
    } else {
        args.text
    };
    let asked = Asked {
        sql,
        limit: Some(Limit(args.limit.into())),
        wait: !args.log.no_wait,
    };
    let found = ask::<Sql>(&asking, asked).await?;
    if args.log.store.json {
        return output::print_json(&found);
    }
    if args.csv {
        output::print(&csv(&found))?;
    } else {
        output::print(&table(&found))?;
    }
    eprintln!("{}", output::counted(found.row_count as u64, "row"));
    if found.truncated {
        eprintln!("there are more: raise --limit, or ask for less");
    }
    tell_coverage(&found.coverage);
    Ok(())
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin().lock().take(MAX_SQL).read_to_string(&mut text);
    read.map_err(|error| {
        Failure::new(Exit::Usage, "can't read the SELECT from standard input").caused_by(&error)
    })?;
    Ok(text)
}

fn table(found: &SqlOutput) -> String {
    let numeric = |at: usize| {
        let mut cells = found
            .rows
            .iter()
            .filter_map(|row| row.get(at))
            .filter(|cell| !cell.is_null());
        cells.all(Value::is_number)
    };
    let columns = found.columns.iter().enumerate().map(|(at, column)| {
        let align = if numeric(at) { Align::Right } else { Align::Left };
        (column.name.as_str(), align)
    });
    let columns: Vec<_> = columns.collect();
    let mut table = Table::new(&columns);
    for row in &found.rows {
        table.row(row.iter().map(shown).collect());
    }
    table.render(output::terminal_width())
}

/// A value as a cell shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn csv(found: &SqlOutput) -> String {
    let mut text = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<_> = cells.map(|cell| csv_cell(&cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    line(&mut found.columns.iter().map(|column| column.name.clone()));
    for row in &found.rows {
        line(&mut row.iter().map(|value| match value {
            Value::Null => String::new(),
            value => shown(value),
        }));
    }
    text
}

/// A cell of a CSV file (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front.
fn csv_cell(text: &str) -> String {
    let number = text.parse::<f64>().is_ok();
    let formula = !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cells_are_quoted_and_hold_no_formula() {
        let cases = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("-5.5", "-5.5"),
            ("-x", "'-x"),
            ("@sum", "'@sum"),
            ("", ""),
        ];
        for (text, cell) in cases {
            assert_eq!(csv_cell(text), cell);
        }
    }
}
