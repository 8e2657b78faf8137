//! `spacewatch logs ghosts`

use spacewatch_insight::{Ghosts, GhostsArgs, Limit, LogRecord};

use super::{ask, start, tell_coverage};
use crate::cli::logs::GhostsArgs as GhostsLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: GhostsLine, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let asked = GhostsArgs {
        bucket: args.target.bucket,
        key_prefix: Some(args.target.prefix.to_string()),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        limit: Some(Limit(args.limit.into())),
        wait: !args.log.no_wait,
    };
    let found = ask::<Ghosts>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("ASKED", Align::Right),
        ("LAST", Align::Left),
        ("DELETED", Align::Left),
        ("BY", Align::Left),
        ("KEY", Align::Left),
    ]);
    for row in &found.rows {
        table.row(vec![
            output::thousands(row.requests),
            output::instant(row.last_seen),
            row.deleted
                .as_ref()
                .map_or_else(|| "-".to_owned(), |deleted| output::instant(deleted.ts)),
            row.deleted.as_ref().map_or_else(|| "-".to_owned(), by),
            row.key.clone(),
        ]);
    }
    if !found.rows.is_empty() {
        output::print(&table.render(output::terminal_width()))?;
    }
    eprintln!(
        "{} of {}, asked for {} in vain",
        output::thousands(found.rows.len() as u64),
        output::counted(found.distinct, "key"),
        output::counted(found.requests, "time"),
    );
    tell_coverage(&found.coverage);
    Ok(())
}

/// Who deleted it, as far as the log tells.
fn by(deleted: &LogRecord) -> String {
    match &deleted.requester {
        Some(requester) => format!("{requester} at {}", deleted.ip),
        None if deleted.ip == "-" => deleted.method.clone(),
        None => format!("anonymous at {}", deleted.ip),
    }
}
