//! Requests of made-up clients on the running store: no network, but they change the buckets and stand in the
//! access logs, as those of the generated history do.

use crate::believable::content_type;
use crate::dice::Dice;
use crate::history::LogRecord;
use crate::running::StoreHandle;

/// A key in a bucket.
pub(crate) type Place = (String, String);

/// One request of the usual kind. Tells what it left in a bucket, so that it can be cleared away some day.
pub(crate) fn usual(store: &StoreHandle, dice: &mut Dice) -> Vec<Place> {
    let shared = store.shared();
    let Some(history) = shared.history.history() else {
        return Vec::new();
    };
    let mut records = Vec::new();
    history.live(shared.now(), dice, &mut records);
    let mut left = Vec::new();
    for record in &mut records {
        left.extend(act(store, record));
        log(store, record);
    }
    left
}

/// Somebody uploads this.
pub(crate) fn upload(store: &StoreHandle, (bucket, key): &Place, size: u64, dice: &mut Dice) -> bool {
    let stored = store.put_sparse(bucket, key, size, content_type(key));
    let shared = store.shared();
    if let Some(history) = shared.history.history().filter(|_| stored)
        && let Some(record) = history.upload(bucket, (key, size), shared.now(), dice)
    {
        log(store, &record);
    }
    stored
}

/// Somebody deletes this.
pub(crate) fn delete(store: &StoreHandle, (bucket, key): &Place, dice: &mut Dice) {
    store.delete(bucket, key);
    let shared = store.shared();
    if let Some(history) = shared.history.history()
        && let Some(record) = history.deletion(bucket, key, shared.now(), dice)
    {
        log(store, &record);
    }
}

fn log(store: &StoreHandle, record: &LogRecord<'_>) {
    let shared = store.shared();
    if shared.read().is_logged(record.bucket) {
        shared.logs.add(record);
    }
}

/// Does what the record says; where that can't be, the record says so.
fn act(store: &StoreHandle, record: &mut LogRecord<'_>) -> Option<Place> {
    let bucket = record.bucket;
    let key = record.key.clone()?;
    let good = record.outcome.status.is_none_or(|status| status < 400);
    match record.operation.as_ref() {
        "REST.PUT.OBJECT" | "REST.COPY.OBJECT" if good => {
            let size = record.outcome.object_size.unwrap_or(0);
            let stored = store.put_sparse(bucket, &key, size, content_type(&key));
            stored.then(|| (bucket.to_owned(), key.into_owned()))
        }
        "REST.DELETE.OBJECT" | "BATCH.DELETE.OBJECT" | "S3.EXPIRE.OBJECT" => {
            store.delete(bucket, &key);
            None
        }
        "REST.GET.OBJECT" | "REST.HEAD.OBJECT" if good => {
            if !store.has(bucket, &key) {
                record.fail(404, "NoSuchKey");
            }
            None
        }
        _ => None,
    }
}
