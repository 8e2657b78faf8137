//! Whole listings, as streams of pages.

mod parallel;
mod ranges;
mod sequential;
mod split;

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use spacewatch_model::{BucketName, Prefix};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::page::{self, Keys, PageAsk};
use crate::{ObjectSummary, Order, Progress, StoreError};

/// Pages that wait for the consumer before the listing waits for it.
const WAITING_PAGES: usize = 8;

type Sender = mpsc::Sender<Result<Vec<ObjectSummary>, StoreError>>;

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
        match order {
            Order::Any => work.spawn(parallel::list(scan, sender)),
            Order::ByKey => work.spawn(sequential::list(scan, sender)),
        };
        // The set goes along in the stream's state: dropping it aborts the work, and what that started.
        stream::unfold((receiver, work), |(mut receiver, work)| async move {
            receiver.recv().await.map(|page| (page, (receiver, work)))
        })
    });
    started.flatten().boxed()
}
