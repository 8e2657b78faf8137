//! One page after the other, in the order of the keys.

use super::{Scan, Sender};
use crate::page::Listed;
use crate::{KeyRange, Scanned};

/// Reads the next page while the consumer works on those before: the channel is the only thing waited for.
pub(super) async fn list<T: Listed>(scan: Scan, sender: Sender<T>) {
    let mut after = String::new();
    loop {
        let page = match scan.page::<T>(&after, scan.client.page_size).await {
            Ok(page) => page,
            Err(error) => {
                // Nobody left to be told is fine.
                let _ = sender.send(Err(error)).await;
                return;
            }
        };
        let next = page
            .objects
            .last()
            .filter(|_| page.truncated)
            .map(|last| last.key().as_str().to_owned());
        let covered = KeyRange {
            after: after.clone(),
            until: next.clone(),
        };
        let page = Scanned {
            entries: page.objects,
            covered: vec![covered],
        };
        if !scan.deliver(page, &sender).await {
            return;
        }
        match next {
            Some(next) => after = next,
            None => return,
        }
    }
}
