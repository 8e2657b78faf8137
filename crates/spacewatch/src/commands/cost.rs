//! `spacewatch cost`

use spacewatch_insight::{
    Allowance, Bill, BillItem, BucketCost, Cost, CostArgs, CostEgress, CostEgressArgs, CostEgressOutput,
    CostOutput, Given, Limit, PrefixCost, SourceBucket,
};
use spacewatch_model::{ByteSize, OneLine};

use super::asking::Asking;
use super::logs::tell_coverage;
use crate::cli::cost::{BillArgs, CostArgs as CostLine, CostCommand, EgressArgs};
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: CostLine, verbose: u8) -> Result<(), Failure> {
    match args.command {
        None => bill(args.bill, verbose).await,
        Some(CostCommand::Egress(args)) => egress(args, verbose).await,
    }
}

async fn bill(args: BillArgs, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = CostArgs {
        month: args.month.unwrap_or_default(),
        bucket: args.bucket,
        depth: Some(args.depth),
        prices: args.prices,
        wait: !args.log.no_wait,
    };
    let found = asking
        .ask::<Cost>("reckoning what the month costs", asked)
        .await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    let width = output::terminal_width();
    output::print(&lines(&found).render(width))?;
    tell_allowance("storage", &found.allowances.storage);
    if found.traffic_known {
        tell_allowance("egress", &found.allowances.egress);
    }
    output::print("\n")?;
    output::print(&buckets(&found.buckets, &found.price_list.currency).render(width))?;
    if !found.prefixes.is_empty() {
        output::print("\n")?;
        output::print(&prefixes(&found.prefixes, &found.price_list.currency).render(width))?;
    }
    if found.truncated {
        eprintln!("note: there are more prefixes than these");
    }
    for assumption in &found.assumptions {
        eprintln!("note: {}", OneLine(assumption));
    }
    if let Some(coverage) = &found.coverage {
        tell_coverage(coverage);
    }
    Ok(())
}

fn lines(found: &CostOutput) -> Table {
    let currency = &found.price_list.currency;
    let mut table = Table::new(&[
        (&found.month, Align::Left),
        ("SO FAR", Align::Right),
        ("WHOLE MONTH", Align::Right),
        ("ARITHMETIC (SO FAR)", Align::Left),
    ]);
    for line in &found.so_far.lines {
        table.row(vec![
            name(line.item).to_owned(),
            money(line.amount, currency),
            money(amount(&found.projected, line.item), currency),
            line.arithmetic.clone(),
        ]);
    }
    table.row(vec![
        "total".to_owned(),
        money(found.so_far.total, currency),
        money(found.projected.total, currency),
        format!("by the price list {}", found.price_list.name),
    ]);
    table
}

fn name(item: BillItem) -> &'static str {
    match item {
        BillItem::Subscription => "subscription",
        BillItem::Storage => "storage",
        BillItem::Egress => "egress",
        BillItem::WriteRequests => "write requests",
        BillItem::ReadRequests => "read requests",
    }
}

fn amount(bill: &Bill, item: BillItem) -> f64 {
    let line = bill.lines.iter().find(|line| line.item == item);
    line.map_or(0.0, |line| line.amount)
}

fn money(amount: f64, currency: &str) -> String {
    format!("{amount:.2} {currency}")
}

fn tell_allowance(what: &str, allowance: &Allowance) {
    let until = allowance
        .used_up_at
        .map(|at| format!(", used up {} at this pace", output::instant(at)));
    eprintln!(
        "{what}: {} of {} covered are used ({:.1}%){}",
        ByteSize(allowance.used_bytes),
        ByteSize(allowance.included_bytes),
        allowance.used_percent,
        until.unwrap_or_default()
    );
}

fn buckets(rows: &[BucketCost], currency: &str) -> Table {
    let mut table = Table::new(&[
        ("LIST PRICE", Align::Right),
        ("SHARE", Align::Right),
        ("CHARGED", Align::Right),
        ("STORED", Align::Right),
        ("SENT", Align::Right),
        ("BUCKET", Align::Left),
    ]);
    for row in rows {
        let stored = row.stored_bytes.map(|bytes| ByteSize(bytes).to_string());
        table.row(vec![
            money(row.list_price, currency),
            format!("{:.1}%", row.share_percent),
            money(row.projected_cost, currency),
            stored.unwrap_or_else(|| "-".to_owned()),
            ByteSize(row.egress_bytes).to_string(),
            row.bucket.clone(),
        ]);
    }
    table
}

fn prefixes(rows: &[PrefixCost], currency: &str) -> Table {
    let mut table = Table::new(&[
        ("LIST PRICE", Align::Right),
        ("SHARE", Align::Right),
        ("STORED", Align::Right),
        ("SENT", Align::Right),
        ("PREFIX", Align::Left),
    ]);
    for row in rows {
        let folder = if row.prefix.is_empty() {
            "(no folder)"
        } else {
            &row.prefix
        };
        table.row(vec![
            money(row.list_price, currency),
            format!("{:.1}%", row.share_percent),
            ByteSize(row.stored_bytes).to_string(),
            ByteSize(row.egress_bytes).to_string(),
            folder.to_owned(),
        ]);
    }
    table
}

async fn egress(args: EgressArgs, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = CostEgressArgs {
        source_bucket: args.bucket.map(SourceBucket::from).unwrap_or_default(),
        by: args.by.into(),
        depth: Some(Limit(args.depth.into())),
        key_suffix: Given::default(),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        prices: args.prices,
        limit: Some(Limit(args.limit.into())),
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<CostEgress>("reading access logs", asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    output::print(&senders(&found).render(output::terminal_width()))?;
    eprintln!(
        "{} of {}; {} sent in all, {:.2} {} if none were covered ({})",
        output::thousands(found.rows.len() as u64),
        output::counted(found.distinct, "value"),
        ByteSize(found.bytes_sent),
        found.list_price,
        found.currency,
        found.arithmetic
    );
    tell_coverage(&found.coverage);
    Ok(())
}

fn senders(found: &CostEgressOutput) -> Table {
    let mut table = Table::new(&[
        ("SENT", Align::Right),
        ("SHARE", Align::Right),
        ("LIST PRICE", Align::Right),
        ("REQUESTS", Align::Right),
        ("VALUE", Align::Left),
    ]);
    for row in &found.rows {
        table.row(vec![
            ByteSize(row.bytes_sent).to_string(),
            format!("{:.1}%", row.share_percent),
            money(row.list_price, &found.currency),
            output::thousands(row.requests),
            row.value.clone(),
        ]);
    }
    table
}
