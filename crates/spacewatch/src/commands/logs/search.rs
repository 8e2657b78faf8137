//! `spacewatch logs search`

use spacewatch_insight::{Limit, SearchLogs, SearchLogsArgs};

use super::{ask, records, source, start, tell_coverage};
use crate::cli::Target;
use crate::cli::logs::{FilterArgs, PeriodArgs, SearchArgs};
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: SearchArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let mut asked = question(args.target, args.filters, args.limit)?;
    within(&mut asked, args.period);
    asked.next = args.next.unwrap_or_default();
    asked.requests_only = args.requests_only;
    asked.cut_short = args.cut_short;
    asked.wait = !args.log.no_wait;
    let found = ask::<SearchLogs>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    records::print(&found.matches, args.raw)?;
    eprintln!("{}", output::counted(found.count as u64, "record"));
    if let Some(next) = &found.next {
        eprintln!("there are more: go on with --next {next}");
    }
    tell_coverage(&found.coverage);
    Ok(())
}

/// What to search for, over all of time and without waiting.
pub(in crate::commands) fn question(
    target: Option<Target>,
    filters: FilterArgs,
    limit: u32,
) -> Result<SearchLogsArgs, Failure> {
    let (bucket, prefix) = target.map_or((None, String::new()), |target| {
        (Some(target.bucket), target.prefix.as_str().to_owned())
    });
    Ok(SearchLogsArgs {
        source_bucket: source(bucket),
        limit_matches: Some(Limit(limit.into())),
        contains: filters.contains.unwrap_or_default(),
        method: filters.method.unwrap_or_default(),
        operation: filters.operation.unwrap_or_default(),
        key_prefix: prefix
            .parse()
            .map_err(|_| Failure::usage("the prefix can't be used"))?,
        status: filters.status.unwrap_or_default(),
        ip: filters.ip.unwrap_or_default(),
        requester: filters.requester.unwrap_or_default(),
        access_key: filters.access_key.unwrap_or_default(),
        user_agent: filters.user_agent.unwrap_or_default(),
        referer: filters.referer.unwrap_or_default(),
        signature_version: filters.signature_version.unwrap_or_default(),
        auth_type: filters.auth_type.unwrap_or_default(),
        tls_version: filters.tls_version.unwrap_or_default(),
        error_code: filters.error_code.unwrap_or_default(),
        request_id: filters.request_id.unwrap_or_default(),
        min_bytes: filters.min_bytes.unwrap_or_default(),
        max_bytes: filters.max_bytes.unwrap_or_default(),
        min_ms: filters.min_ms.unwrap_or_default(),
        ..SearchLogsArgs::default()
    })
}

pub(in crate::commands) fn within(asked: &mut SearchLogsArgs, period: PeriodArgs) {
    asked.from = period.from.unwrap_or_default();
    asked.to = period.to.unwrap_or_default();
    asked.date_yyyy_mm_dd = period.date.unwrap_or_default();
}
