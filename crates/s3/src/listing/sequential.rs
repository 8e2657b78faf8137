//! One page after the other, in the order of the keys.

use super::{Scan, Sender};

/// Reads the next page while the consumer works on those before: the channel is the only thing waited for.
pub(super) async fn list(scan: Scan, sender: Sender) {
    let mut after = String::new();
    loop {
        let page = match scan.page(&after, scan.client.page_size).await {
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
            .map(|last| last.key.as_str().to_owned());
        if !scan.deliver(page.objects, &sender).await {
            return;
        }
        match next {
            Some(next) => after = next,
            None => return,
        }
    }
}
