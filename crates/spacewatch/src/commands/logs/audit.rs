//! `spacewatch logs audit`

use spacewatch_insight::{Limit, ObjectAudit, ObjectAuditArgs};
use spacewatch_model::ObjectKey;

use super::{ask, records, source, start, tell_coverage};
use crate::cli::logs::AuditArgs;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: AuditArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let key: ObjectKey = args
        .target
        .prefix
        .as_str()
        .parse()
        .map_err(|_| Failure::usage("no object is named").with_hint("name it as `BUCKET/KEY`"))?;
    let asked = ObjectAuditArgs {
        source_bucket: source(Some(args.target.bucket)),
        object_key: key,
        hours: None,
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        methods: args.methods.unwrap_or_default(),
        limit: Some(Limit(args.limit.into())),
        next: args.next.unwrap_or_default(),
        wait: !args.log.no_wait,
    };
    let found = ask::<ObjectAudit>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    records::print(&found.events, args.raw)?;
    eprintln!("{}", output::counted(found.count as u64, "event"));
    if let Some(next) = &found.next {
        eprintln!("there are more: go on with --next {next}");
    }
    tell_coverage(&found.coverage);
    Ok(())
}
