//! Counters of what happened since the start.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use utoipa::ToSchema;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn increment(&self) {
        self.add(1);
    }

    /// `count` more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($(#[$docs:meta])* $name:ident),* $(,)?) => {
        /// What `/stats` counts, since the start.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$docs])* pub $name: Counter,)*
        }

        /// The counters at one moment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        pub struct CountersSnapshot {
            $($(#[$docs])* pub $name: u64,)*
        }

        impl Counters {
            /// What they show now.
            pub fn snapshot(&self) -> CountersSnapshot {
                CountersSnapshot { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters! {
    /// Messages to the assistant.
    chat_requests,
    /// Calls of a tool, through any door.
    tool_requests,
    /// Calls of the model.
    agent_calls,
    /// Calls of the model that failed.
    agent_failures,
    /// Times the list of an account's buckets was fetched anew.
    bucket_cache_refreshes,
    /// Runs of the snapshot scheduler.
    scheduler_runs,
    /// Snapshots the scheduler wrote.
    scheduler_snapshots_ok,
    /// Snapshots the scheduler failed to write.
    scheduler_snapshots_err,
}
