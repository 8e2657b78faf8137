//! `spacewatch ls`

use std::io::{self, BufWriter, Write};

use futures::TryStreamExt;
use spacewatch_insight::{Browse, BrowseArgs, BrowseOutput, Limit, ObjectRow};
use spacewatch_model::OneLine;
use spacewatch_s3::{ObjectSummary, Order};

use super::asking::Asking;
use super::buckets;
use crate::cli::{LsArgs, Target};
use crate::failure::Failure;
use crate::output::{self, Table};

/// Rows of one page, as many as S3 gives at once.
const PAGE: u64 = 1000;

pub(super) async fn run(args: LsArgs, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::start(&args.store, verbose)?;
    let Some(target) = args.target.clone() else {
        return buckets::show(&asking, &args.store).await;
    };
    output::refuse_export(&args.store)?;
    if args.recursive {
        return everything_below(&asking, target, &args).await;
    }
    if args.store.json {
        let limit = args.limit.unwrap_or(PAGE);
        return output::print_json(&level(&asking, &target, args.next.clone(), limit).await?);
    }
    one_level(&asking, &target, args.limit.unwrap_or(u64::MAX)).await
}

async fn level(
    asking: &Asking,
    target: &Target,
    next: Option<String>,
    limit: u64,
) -> Result<BrowseOutput, Failure> {
    let limit = Some(Limit(i64::try_from(limit.min(PAGE)).unwrap_or(1)));
    let question = BrowseArgs {
        bucket: target.bucket.clone(),
        prefix: target.prefix.clone(),
        next,
        limit,
    };
    asking
        .ask::<Browse>(&format!("listing {}", target.bucket), question)
        .await
}

/// Prints page after page, so that a level of millions takes no memory.
async fn one_level(asking: &Asking, target: &Target, limit: u64) -> Result<(), Failure> {
    let mut left = limit;
    let mut next = None;
    let mut head = true;
    loop {
        let page = level(asking, target, next, left).await?;
        let rows = (page.folders.len() + page.objects.len()) as u64;
        if rows > 0 {
            let table = level_table(&page, asking);
            let width = output::terminal_width();
            output::print(&if head {
                table.render(width)
            } else {
                table.render_rows(width)
            })?;
            head = false;
        }
        left = left.saturating_sub(rows);
        next = page.next;
        if next.is_none() {
            break;
        }
        if left == 0 {
            eprintln!("note: there is more; raise --limit or leave it out");
            break;
        }
    }
    if head && target.prefix.as_str().is_empty() {
        eprintln!("`{}` is empty", target.bucket);
    } else if head {
        eprintln!(
            "nothing in `{}` below `{}`",
            target.bucket,
            OneLine(target.prefix.as_str())
        );
    }
    Ok(())
}

fn level_table(page: &BrowseOutput, asking: &Asking) -> Table {
    let now = asking.tenant.clock.now();
    let mut table = output::objects_table(&[], now);
    for folder in &page.folders {
        table.row(vec![
            "dir".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            folder.prefix.to_string(),
        ]);
    }
    for object in &page.objects {
        table.row(output::object_cells(object, now));
    }
    table
}

/// Prints what the listing yields as it comes. Nothing is kept.
async fn everything_below(asking: &Asking, target: Target, args: &LsArgs) -> Result<(), Failure> {
    let order = if args.unordered { Order::Any } else { Order::ByKey };
    let Target { bucket, prefix } = target;
    let what = format!("listing {bucket}");
    let progress = &asking.tenant.progress;
    let mut pages = std::pin::pin!(
        asking
            .tenant
            .store
            .list_all(bucket, prefix, order, progress.clone())
    );
    let work = async {
        let mut left = args.limit.unwrap_or(u64::MAX);
        let mut head = !args.store.json;
        while left > 0
            && let Some(mut page) = pages
                .try_next()
                .await
                .map_err(spacewatch_insight::ToolError::from)?
        {
            page.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left = left.saturating_sub(page.len() as u64);
            if args.store.json {
                print_lines(page)?
            } else {
                print_rows(page, asking, head)?
            }
            head = false;
        }
        Ok::<(), Failure>(())
    };
    if output::is_terminal() {
        output::interruptible(work).await
    } else {
        output::watched(&what, progress, work).await
    }
}

fn print_lines(page: Vec<ObjectSummary>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    for object in page {
        let line = output::steady_json(&serde_json::to_string(&ObjectRow::from(object))?);
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn print_rows(page: Vec<ObjectSummary>, asking: &Asking, head: bool) -> Result<(), Failure> {
    let rows: Vec<_> = page.into_iter().map(ObjectRow::from).collect();
    let table = output::objects_table(&rows, asking.tenant.clock.now());
    let width = output::terminal_width();
    output::print(&if head {
        table.render(width)
    } else {
        table.render_rows(width)
    })
}
