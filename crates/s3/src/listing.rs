//! Whole listings, as streams of pages.

mod parallel;
mod ranges;
mod sequential;
mod split;

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use spacewatch_model::{BucketName, Prefix};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::{Ask, Client};
use crate::page::{Keys, Listed, PageAsk};
use crate::{KeyRange, ObjectSummary, Order, Progress, Scanned, StoreError};

/// Pages that wait for the consumer before the listing waits for it.
const WAITING_PAGES: usize = 8;

type Pages<T> = BoxStream<'static, Result<Scanned<T>, StoreError>>;
type Sender<T> = mpsc::Sender<Result<Scanned<T>, StoreError>>;
type Receiver<T> = mpsc::Receiver<Result<Scanned<T>, StoreError>>;

/// What to list, with what.
#[derive(Clone)]
pub(crate) struct Scan {
    pub(crate) client: Arc<Client>,
    pub(crate) bucket: BucketName,
    pub(crate) prefix: Prefix,
    pub(crate) progress: Progress,
}

impl Scan {
    async fn page<T: Listed>(&self, after: &str, max: usize) -> Result<Keys<T>, StoreError> {
        let progress = Some(&self.progress);
        let ask = PageAsk {
            bucket: &self.bucket,
            prefix: self.prefix.as_str(),
            after,
            max,
            progress,
        };
        T::page(&self.client, ask).await
    }

    /// Counts entries and passes them on; false when nobody wants them any more.
    async fn deliver<T: Listed>(&self, page: Scanned<T>, to: &Sender<T>) -> bool {
        let bytes = page
            .entries
            .iter()
            .fold(0_u64, |sum, entry| sum.saturating_add(entry.size().0));
        self.progress
            .add_objects(u64::try_from(page.entries.len()).unwrap_or(u64::MAX), bytes);
        to.send(Ok(page)).await.is_ok()
    }
}

/// Pages of objects. Starts when first polled, ends all its work when dropped.
pub(crate) fn stream(scan: Scan, order: Order) -> BoxStream<'static, Result<Vec<ObjectSummary>, StoreError>> {
    let pages = match order {
        Order::Any => scanned(scan, vec![KeyRange::whole()]),
        Order::ByKey => working(scan, |scan, sender| sequential::list(scan, sender).boxed()),
    };
    let objects = pages.map_ok(|page: Scanned<ObjectSummary>| page.entries);
    objects
        .try_filter(|page| std::future::ready(!page.is_empty()))
        .boxed()
}

/// Pages of these parts of the key space, many at a time, each with the keys that it tells everything about.
pub(crate) fn scanned<T: Listed>(scan: Scan, parts: Vec<KeyRange>) -> Pages<T> {
    working(scan, |scan, sender| parallel::list(scan, parts, sender).boxed())
}

fn working<T: Listed>(
    scan: Scan,
    work_on: impl FnOnce(Scan, Sender<T>) -> BoxFuture<'static, ()> + Send + 'static,
) -> Pages<T> {
    let started = stream::once(async move {
        let (sender, receiver) = mpsc::channel(WAITING_PAGES);
        let mut work = JoinSet::new();
        let lost = lost::<T>(&scan);
        work.spawn(work_on(scan, sender));
        // The set goes along in the stream's state: dropping it aborts the work, and what that started.
        pages_of(receiver, work, lost)
    });
    started.flatten().boxed()
}

/// What the work sends; and if it died, an error instead of an end that looks like a good one.
fn pages_of<T: Listed>(
    receiver: Receiver<T>,
    work: JoinSet<()>,
    lost: StoreError,
) -> impl Stream<Item = Result<Scanned<T>, StoreError>> {
    stream::unfold((receiver, work), move |(mut receiver, mut work)| {
        let lost = lost.clone();
        async move {
            let page = match receiver.recv().await {
                Some(page) => page,
                None => match work.join_next().await? {
                    Ok(()) => return None,
                    Err(_) => Err(lost),
                },
            };
            Some((page, (receiver, work)))
        }
    })
}

/// A page that was asked for and neither came nor failed: a hole that nobody would see.
fn lost<T: Listed>(scan: &Scan) -> StoreError {
    let failure = scan.client.failure(Ask::bucket(T::CALL, &scan.bucket));
    StoreError::BadAnswer(Box::new(failure.saying("a page was lost on the way")))
}

#[cfg(test)]
mod tests {
    use spacewatch_telemetry::S3Call;

    use super::*;

    #[tokio::test]
    async fn work_that_dies_is_no_end() {
        let lost = StoreError::BadAnswer(Box::new(crate::Failure::new(S3Call::ListObjectsV2, None, "host")));
        for (dies, expected) in [(false, vec![true]), (true, vec![true, false])] {
            let (sender, receiver) = mpsc::channel(1);
            let mut work = JoinSet::new();
            work.spawn(async move {
                let page: Scanned<ObjectSummary> = Scanned {
                    entries: Vec::new(),
                    covered: Vec::new(),
                };
                let _ = sender.send(Ok(page)).await;
                assert!(!dies, "on purpose");
            });
            let pages: Vec<_> = pages_of(receiver, work, lost.clone()).collect().await;
            let good: Vec<bool> = pages.iter().map(Result::is_ok).collect();
            assert_eq!(good, expected);
        }
    }
}
