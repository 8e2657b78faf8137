//! What the recorder answers, against a plain reckoning over everything that was recorded.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod brute_force;
mod events;
mod mission;
mod operation_log;
mod series;
mod threads;
mod windows;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::{Clock, ManualClock};
use spacewatch_telemetry::{Config, Operation, OperationKind, OperationType, Recorder};

/// A recorder and the clock it reads, standing at a whole minute.
struct Bench {
    clock: Arc<ManualClock>,
    recorder: Recorder,
}

impl Bench {
    fn new(config: Config) -> Self {
        let clock = Arc::new(ManualClock::starting_at("2024-01-15T10:30:00Z".parse().unwrap()));
        let recorder = Recorder::new(config, clock.clone());
        Self { clock, recorder }
    }

    fn pass(&self, seconds: f64) {
        self.clock.advance(Duration::from_secs_f64(seconds));
    }

    fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    fn operation(&self, kind: impl Into<OperationKind>) -> Operation {
        Operation {
            finished_at: self.clock.now(),
            kind: kind.into(),
            method: "GET",
            endpoint: "/tools/list-all".into(),
            bucket: None,
            status: 200,
            duration: Duration::from_millis(10),
            first_byte: None,
            bytes_in: 0,
            bytes_out: 0,
            error: None,
            request_id: None,
        }
    }

    fn record(&self, change: impl FnOnce(&mut Operation)) {
        let mut operation = self.operation(OperationType::ListObjects);
        change(&mut operation);
        self.recorder.record(operation);
    }
}
