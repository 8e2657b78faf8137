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
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    output::print(&table(&found))?;
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
