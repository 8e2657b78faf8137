//! The lake's writer, as what ingest writes into.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use spacewatch_access_log::LineHashKey;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::LakeError;
use crate::ingest::{BatchSink, LogSink};
use crate::maintenance::{MaintenanceConfig, Quota, maintain, stay_within, trim};
use crate::tables::{KnownObjects, LakeTables, LogObject, RejectedLine, Writer};

/// How long a run waits for another process that writes the same lake.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is said when days are dropped to make room.
const TOO_LARGE: &str = "dropped the oldest records of a lake that takes more room than there is for it";

/// The tables of a lake, written by this process from the first run on.
pub(crate) struct TableSink {
    tables: LakeTables,
    writer: Arc<Mutex<Option<Writer>>>,
    tasks: TaskTracker,
    upkeep: Arc<Upkeep>,
}

/// How the tables are kept.
#[derive(Debug)]
pub(crate) struct Upkeep {
    pub(crate) config: MaintenanceConfig,
    /// How much room there is on disk; in a bucket they may take what they need.
    pub(crate) room: Option<Room>,
}

/// The room that a lake has on disk.
#[derive(Debug)]
pub(crate) struct Room {
    /// Where it lies.
    pub(crate) directory: PathBuf,
    pub(crate) quota: Arc<Quota>,
    /// How many bytes this lake may take, as far as was found out last.
    pub(crate) bytes: AtomicU64,
}

impl TableSink {
    /// Writes nothing yet. Batches live in tasks of `tasks`.
    pub(crate) fn new(tables: LakeTables, tasks: TaskTracker, upkeep: Upkeep) -> Self {
        Self {
            tables,
            upkeep: Arc::new(upkeep),
            writer: Arc::default(),
            tasks,
        }
    }

    /// The writer, opened when it isn't yet.
    async fn writer(&self) -> Result<OwnedMutexGuard<Option<Writer>>, LakeError> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        if let Some(open) = writer.as_mut() {
            match open.settle().await {
                // The lease ended and another process took the next; it may be done by now.
                Err(LakeError::Locked { .. }) => *writer = None,
                settled => settled?,
            }
        }
        if writer.is_none() {
            *writer = Some(self.tables.writer(PATIENCE).await?);
        }
        Ok(writer)
    }
}

#[async_trait]
impl LogSink for TableSink {
    async fn known(&self) -> Result<(KnownObjects, LineHashKey), LakeError> {
        let writer = self.writer().await?;
        let open = writer.as_ref().ok_or_else(gone)?;
        Ok((open.known_objects().clone(), open.hash_key()))
    }

    async fn begin(&self) -> Result<Box<dyn BatchSink>, LakeError> {
        let writer = self.writer().await?;
        let (orders, received) = mpsc::channel(1);
        self.tasks
            .spawn(carry_out(writer, received, Arc::clone(&self.upkeep)));
        Ok(Box::new(OpenBatch { orders }))
    }

    async fn maintain(&self, cancel: &CancellationToken) -> Result<(), LakeError> {
        let mut held = self.writer().await?;
        let writer = held.as_mut().ok_or_else(gone)?;
        let done = maintain(writer, &self.upkeep.config, cancel).await?;
        tracing::debug!(?done, "tidied up a lake");
        if cancel.is_cancelled() {
            return Ok(());
        }
        match (&self.upkeep.room, held.take()) {
            (Some(room), Some(mut writer)) => {
                let made = make_room(&mut writer, room).await;
                *held = Some(writer);
                made
            }
            // Others share it, and shall not have to wait for the end of the lease.
            (None, Some(writer)) => writer.give_back().await,
            (_, None) => Err(gone()),
        }
    }
}

/// Sees to it that all lakes together take no more than they may.
async fn make_room(writer: &mut Writer, room: &Room) -> Result<(), LakeError> {
    let (quota, directory) = (Arc::clone(&room.quota), room.directory.clone());
    let bytes = tokio::task::spawn_blocking(move || quota.make_room(&directory)).await;
    let bytes = bytes.map_err(|error| LakeError::Internal(error.to_string()))??;
    let dropped = trim(writer, bytes).await?;
    room.bytes.store(bytes, Ordering::Relaxed);
    if dropped > 0 {
        tracing::warn!(room = bytes, "{TOO_LARGE}");
    }
    Ok(())
}

fn gone() -> LakeError {
    LakeError::Internal("the lake's writer is gone".to_owned())
}

/// What the owner of a batch is told to do.
enum Order {
    Write {
        requests: Vec<RecordBatch>,
        cdn: Vec<RecordBatch>,
        reply: oneshot::Sender<Result<HashMap<String, u64>, LakeError>>,
    },
    Commit {
        objects: Vec<LogObject>,
        rejects: Vec<RejectedLine>,
        reply: oneshot::Sender<Result<(), LakeError>>,
    },
}

/// Owns the writer as long as a batch is open, and so keeps every other batch waiting. Without a commit nothing of the batch stays.
async fn carry_out(
    mut writer: OwnedMutexGuard<Option<Writer>>,
    mut orders: mpsc::Receiver<Order>,
    upkeep: Arc<Upkeep>,
) {
    let Some(writer) = writer.as_mut() else { return };
    let mut batch = match writer.begin().await {
        Ok(batch) => batch,
        Err(error) => return refuse(error, orders).await,
    };
    // Whoever ordered may have gone; then nobody wants the reply.
    while let Some(order) = orders.recv().await {
        match order {
            Order::Write { requests, cdn, reply } => drop(reply.send(batch.write(requests, cdn).await)),
            Order::Commit {
                objects,
                rejects,
                reply,
            } => {
                drop(reply.send(batch.commit(&objects, &rejects).await.map(drop)));
                return stay_small(writer, &upkeep).await;
            }
        }
    }
}

/// A run may bring more than there is room for.
async fn stay_small(writer: &mut Writer, upkeep: &Upkeep) {
    let Some(room) = &upkeep.room else { return };
    let room = room.bytes.load(Ordering::Relaxed);
    match stay_within(writer, room, &upkeep.config).await {
        Ok(false) => {}
        Ok(true) => tracing::warn!(room, "{TOO_LARGE}"),
        // The next batch meets it again, and says so.
        Err(error) => tracing::warn!(%error, "a lake could not be kept small"),
    }
}

async fn refuse(error: LakeError, mut orders: mpsc::Receiver<Order>) {
    if let Some(order) = orders.recv().await {
        match order {
            Order::Write { reply, .. } => drop(reply.send(Err(error))),
            Order::Commit { reply, .. } => drop(reply.send(Err(error))),
        }
    }
}

struct OpenBatch {
    orders: mpsc::Sender<Order>,
}

impl OpenBatch {
    async fn order<T>(
        &self,
        order: Order,
        reply: oneshot::Receiver<Result<T, LakeError>>,
    ) -> Result<T, LakeError> {
        let gone = || LakeError::Internal("the batch's owner is gone".to_owned());
        self.orders.send(order).await.map_err(|_| gone())?;
        reply.await.map_err(|_| gone())?
    }
}

#[async_trait]
impl BatchSink for OpenBatch {
    async fn write(
        &mut self,
        requests: Vec<RecordBatch>,
        cdn: Vec<RecordBatch>,
    ) -> Result<HashMap<String, u64>, LakeError> {
        let (reply, replied) = oneshot::channel();
        let order = Order::Write { requests, cdn, reply };
        self.order(order, replied).await
    }

    async fn commit(
        self: Box<Self>,
        objects: Vec<LogObject>,
        rejects: Vec<RejectedLine>,
    ) -> Result<(), LakeError> {
        let (reply, replied) = oneshot::channel();
        let order = Order::Commit {
            objects,
            rejects,
            reply,
        };
        self.order(order, replied).await
    }
}
