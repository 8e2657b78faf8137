//! `spacewatch hot-cold`

use spacewatch_insight::{Heap, HotCold, HotColdArgs, HotColdOutput, Limit, ObjectHeat};
use spacewatch_model::ByteSize;

use super::asking::Asking;
use super::logs::tell_coverage;
use crate::cli::hot_cold::HotColdArgs as HotColdLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: HotColdLine, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = HotColdArgs {
        bucket: args.target.bucket,
        prefix: args.target.prefix,
        days: Some(Limit(args.days.into())),
        depth: Some(Limit(args.depth.into())),
        limit: Some(Limit(args.limit.into())),
        max_age: args.max_age,
        prices: args.prices,
        move_to: args.move_to,
        wait: !args.log.no_wait,
    };
    let found = asking
        .ask::<HotCold>("laying what is stored beside what is read", asked)
        .await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    show(&found)?;
    tell(&found);
    Ok(())
}

fn show(found: &HotColdOutput) -> Result<(), Failure> {
    let width = output::terminal_width();
    output::print(&ages(found).render(width))?;
    output::print("\n")?;
    output::print(&prefixes(found).render(width))?;
    for (head, rows) in [
        ("LARGEST COLD OBJECT", &found.coldest),
        ("HOTTEST OBJECT", &found.hottest),
    ] {
        if !rows.is_empty() {
            output::print("\n")?;
            output::print(&objects(head, rows).render(width))?;
        }
    }
    Ok(())
}

fn ages(found: &HotColdOutput) -> Table {
    let mut table = Table::new(&[
        ("OBJECTS", Align::Right),
        ("BYTES", Align::Right),
        ("SHARE", Align::Right),
        ("LAST READ", Align::Left),
    ]);
    let mut row = |heap: &Heap, what: String| {
        table.row(vec![
            output::thousands(heap.objects),
            heap.bytes.to_string(),
            share(heap.bytes, found.stored.bytes),
            what,
        ]);
    };
    for age in &found.ages {
        match age.within_days {
            Some(days) => row(&age.heap, format!("within {}", output::counted(days, "day"))),
            None => {
                row(&found.young, "not yet: written in this period".to_owned());
                row(&found.cold, "not in this period: cold".to_owned());
            }
        }
    }
    table
}

fn share(part: ByteSize, whole: ByteSize) -> String {
    if whole.0 == 0 {
        return "-".to_owned();
    }
    format!("{:.1}%", part.0 as f64 * 100.0 / whole.0 as f64)
}

fn prefixes(found: &HotColdOutput) -> Table {
    let mut table = Table::new(&[
        ("COLD", Align::Right),
        ("OF ITS BYTES", Align::Right),
        ("STORED", Align::Right),
        ("SENT", Align::Right),
        ("LAST READ", Align::Left),
        ("A MONTH", Align::Right),
        ("PREFIX", Align::Left),
    ]);
    for row in &found.prefixes {
        let folder = if row.prefix.is_empty() {
            "(no folder)"
        } else {
            &row.prefix
        };
        table.row(vec![
            row.cold.bytes.to_string(),
            format!("{:.1}%", row.cold_percent),
            row.stored.bytes.to_string(),
            ByteSize(row.bytes_sent).to_string(),
            day(row.last_read),
            format!("{:.2} {}", row.saving, found.saving.currency),
            folder.to_owned(),
        ]);
    }
    table
}

fn objects(head: &str, rows: &[ObjectHeat]) -> Table {
    let mut table = Table::new(&[
        ("SIZE", Align::Right),
        ("READS", Align::Right),
        ("SENT", Align::Right),
        ("LAST READ", Align::Left),
        (head, Align::Left),
    ]);
    for row in rows {
        table.row(vec![
            row.size_bytes.to_string(),
            output::thousands(row.reads),
            ByteSize(row.bytes_sent).to_string(),
            day(row.last_read),
            row.key.clone(),
        ]);
    }
    table
}

fn day(moment: Option<jiff::Timestamp>) -> String {
    moment.map_or_else(
        || "-".to_owned(),
        |moment| moment.strftime("%Y-%m-%d").to_string(),
    )
}

fn tell(found: &HotColdOutput) {
    eprintln!(
        "{} of {} are cold ({:.1}%): {}",
        found.cold.bytes, found.stored.bytes, found.cold_percent, found.saving.arithmetic
    );
    if !found.log_covers_days {
        let since = found.window.from.map(output::instant).unwrap_or_default();
        eprintln!("note: the access log begins {since}, so cold is what was not read since then");
    }
    if found.gone.keys > 0 {
        eprintln!(
            "note: {} that were read are not there any more",
            output::counted(found.gone.keys, "key")
        );
    }
    eprintln!("stored as of {}", output::instant(found.inventory.as_of));
    tell_coverage(&found.coverage);
}
