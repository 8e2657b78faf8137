//! `spacewatch logs tail`

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use spacewatch_insight::{LogRecord, SearchLogs, SearchLogsArgs};

use super::{ask, records, search, start};
use crate::cli::logs::TailArgs;
use crate::failure::Failure;
use crate::output;

/// Records asked for at each look. More new ones than this are followed page by page.
const PAGE: u32 = 2000;

/// Places of lines remembered, so that a late log object brings its records and nothing twice.
const REMEMBERED: usize = 200_000;

pub(super) async fn run(args: TailArgs, verbose: u8) -> Result<(), Failure> {
    output::refuse_export(&args.log.store)?;
    let asking = start(&args.log, verbose)?;
    let mut asked = search::question(args.target, args.filters, args.lines.clamp(1, PAGE))?;
    asked.wait = true;
    let pause = Duration::from_secs(args.every);
    // Each look lists anew; a page behind the first doesn't.
    asked.fresh_for = Some(pause);
    let mut seen = Seen::default();
    let mut first = true;
    loop {
        let found = news(&asking, &asked, &mut seen, first).await?;
        show(&found, args.log.store.json, args.raw, first)?;
        asked.limit_matches = Some(spacewatch_insight::Limit(PAGE.into()));
        first = false;
        output::interruptible(async {
            tokio::time::sleep(pause).await;
            Ok(())
        })
        .await?;
    }
}

/// What wasn't seen yet, oldest first. Pages are read until one holds nothing new.
async fn news(
    asking: &super::Asking,
    asked: &SearchLogsArgs,
    seen: &mut Seen,
    first: bool,
) -> Result<Vec<LogRecord>, Failure> {
    let (mut news, mut asked) = (Vec::new(), asked.clone());
    loop {
        let page = ask::<SearchLogs>(asking, asked.clone()).await?;
        let before = news.len();
        news.extend(page.matches.into_iter().filter(|record| seen.is_new(record)));
        let next = page.next.filter(|_| !first && news.len() > before);
        let Some(next) = next else { break };
        asked.next = next
            .parse()
            .map_err(|_| Failure::usage("the next page has no name"))?;
    }
    news.reverse();
    Ok(news)
}

fn show(found: &[LogRecord], json: bool, raw: bool, first: bool) -> Result<(), Failure> {
    if json {
        let lines = found
            .iter()
            .map(|record| Ok(serde_json::to_string(record)? + "\n"));
        return output::print(&lines.collect::<Result<String, Failure>>()?);
    }
    if raw || first {
        return records::print(found, raw);
    }
    records::print_more(found)
}

/// Which lines were shown, the latest of them.
#[derive(Debug, Default)]
struct Seen {
    places: HashSet<(String, u64)>,
    order: VecDeque<(String, u64)>,
}

impl Seen {
    fn is_new(&mut self, record: &LogRecord) -> bool {
        let place = &record.log_object;
        let place = (place.key.clone(), place.offset.unwrap_or_default());
        if !self.places.insert(place.clone()) {
            return false;
        }
        self.order.push_back(place);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.places.remove(&oldest);
        }
        true
    }
}
