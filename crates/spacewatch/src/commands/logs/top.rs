//! `spacewatch logs top`

use spacewatch_insight::{Limit, TopLogs, TopLogsArgs, TopLogsOutput};
use spacewatch_model::ByteSize;

use super::{ask, search, start, tell_coverage};
use crate::cli::logs::LogsTopArgs;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: LogsTopArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let filters = search::question(args.target, args.filters, args.limit)?;
    let asked = TopLogsArgs {
        source_bucket: filters.source_bucket,
        by: args.by.into(),
        measure: args.measure.into(),
        depth: Some(Limit(args.depth.into())),
        limit: Some(Limit(args.limit.into())),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        hours: None,
        contains: filters.contains,
        method: filters.method,
        operation: filters.operation,
        object_key: filters.object_key,
        key_prefix: filters.key_prefix,
        status: filters.status,
        status_prefix: filters.status_prefix,
        ip: filters.ip,
        requester: filters.requester,
        access_key: filters.access_key,
        user_agent: filters.user_agent,
        referer: filters.referer,
        signature_version: filters.signature_version,
        auth_type: filters.auth_type,
        tls_version: filters.tls_version,
        error_code: filters.error_code,
        request_id: filters.request_id,
        min_bytes: filters.min_bytes,
        max_bytes: filters.max_bytes,
        min_ms: filters.min_ms,
        wait: !args.log.no_wait,
    };
    let found = ask::<TopLogs>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    show(&found)?;
    eprintln!(
        "{} of {}, {}",
        output::thousands(found.count as u64),
        output::counted(found.distinct, "value"),
        output::counted(found.requests, "request"),
    );
    tell_coverage(&found.coverage);
    Ok(())
}

fn show(found: &TopLogsOutput) -> Result<(), Failure> {
    if found.rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("REQUESTS", Align::Right),
        ("SHARE", Align::Right),
        ("SENT", Align::Right),
        ("ERRORS", Align::Right),
        ("LAST SEEN", Align::Left),
        ("VALUE", Align::Left),
    ]);
    for row in &found.rows {
        table.row(vec![
            output::thousands(row.requests),
            format!("{:.1}%", row.share_percent),
            ByteSize(row.bytes_sent).to_string(),
            output::thousands(row.errors),
            output::instant(row.last_seen),
            row.value.clone(),
        ]);
    }
    output::print(&table.render(output::terminal_width()))
}
