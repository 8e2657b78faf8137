//! Whole listings, as streams of pages.

mod parallel;
mod ranges;
mod sequential;
mod split;

use std::sync::Arc;

use futures::stream::{self, BoxStream, Stream, StreamExt};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_telemetry::S3Call;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::{Ask, Client};
use crate::page::{self, Keys, PageAsk};
use crate::{ObjectSummary, Order, Progress, StoreError};

/// Pages that wait for the consumer before the listing waits for it.
const WAITING_PAGES: usize = 8;

type Sender = mpsc::Sender<Result<Vec<ObjectSummary>, StoreError>>;
type Receiver = mpsc::Receiver<Result<Vec<ObjectSummary>, StoreError>>;

/// What to list, with what.
#[derive(Clone)]
pub(crate) struct Scan {
    pub(crate) client: Arc<Client>,
    pub(crate) bucket: BucketName,
    pub(crate) prefix: Prefix,
    pub(crate) progress: Progress,
}

impl Scan {
    async fn page(&self, after: &str, max: usize) -> Result<Keys, StoreError> {
        let progress = Some(&self.progress);
        let ask = PageAsk {
            bucket: &self.bucket,
            prefix: self.prefix.as_str(),
            after,
            max,
            progress,
        };
        page::keys(&self.client, ask).await
    }

    /// Counts objects and passes them on; false when nobody wants them any more.
    async fn deliver(&self, objects: Vec<ObjectSummary>, to: &Sender) -> bool {
        if objects.is_empty() {
            return true;
        }
        let bytes = objects
            .iter()
            .fold(0_u64, |sum, object| sum.saturating_add(object.size.0));
        self.progress
            .add_objects(u64::try_from(objects.len()).unwrap_or(u64::MAX), bytes);
        to.send(Ok(objects)).await.is_ok()
    }
}

/// Starts when first polled, ends all its work when dropped.
pub(crate) fn stream(scan: Scan, order: Order) -> BoxStream<'static, Result<Vec<ObjectSummary>, StoreError>> {
    let started = stream::once(async move {
        let (sender, receiver) = mpsc::channel(WAITING_PAGES);
        let mut work = JoinSet::new();
        let lost = lost(&scan);
        match order {
            Order::Any => work.spawn(parallel::list(scan, sender)),
            Order::ByKey => work.spawn(sequential::list(scan, sender)),
        };
        // The set goes along in the stream's state: dropping it aborts the work, and what that started.
        pages_of(receiver, work, lost)
    });
    started.flatten().boxed()
}

/// What the work sends; and if it died, an error instead of an end that looks like a good one.
fn pages_of(
    receiver: Receiver,
    work: JoinSet<()>,
    lost: StoreError,
) -> impl Stream<Item = Result<Vec<ObjectSummary>, StoreError>> {
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
fn lost(scan: &Scan) -> StoreError {
    let failure = scan
        .client
        .failure(Ask::bucket(S3Call::ListObjectsV2, &scan.bucket));
    StoreError::BadAnswer(Box::new(failure.saying("a page was lost on the way")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_dies_is_no_end() {
        let lost = StoreError::BadAnswer(Box::new(crate::Failure::new(S3Call::ListObjectsV2, None, "host")));
        for (dies, expected) in [(false, vec![true]), (true, vec![true, false])] {
            let (sender, receiver) = mpsc::channel(1);
            let mut work = JoinSet::new();
            work.spawn(async move {
                let _ = sender.send(Ok(Vec::new())).await;
                assert!(!dies, "on purpose");
            });
            let pages: Vec<_> = pages_of(receiver, work, lost.clone()).collect().await;
            let good: Vec<bool> = pages.iter().map(Result::is_ok).collect();
            assert_eq!(good, expected);
        }
    }
}
