//! What mission control's answers cost after a day of a thousand requests a second.
//!
//!     cargo run --release -p spacewatch-telemetry --example mission_day
//!
//! The day passes on a clock of its own. Routes, sessions, durations and statuses differ as they do in practice; one request in a
//! hundred fails. An answer is timed with its JSON, as it is sent.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use spacewatch_model::ManualClock;
use spacewatch_telemetry::{Answered, MissionControl};

const SECONDS: u64 = 86_400;
const PER_SECOND: u64 = 1_000;
/// A request that came while no route fits counts under one name, so there are never more routes than the program has.
const ROUTES: u64 = 80;
const SESSIONS: u64 = 5_000;
const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let clock = Arc::new(ManualClock::starting_at("2026-11-23T00:00:00Z".parse()?));
    let mission = MissionControl::new(clock.clone());
    let routes: Vec<String> = (0..ROUTES).map(|route| format!("/tools/route-{route}")).collect();
    let sessions: Vec<String> = (0..SESSIONS)
        .map(|session| format!("session-{session}"))
        .collect();
    let (began, mut looks) = (Instant::now(), Duration::ZERO);
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for second in 0..SECONDS {
        for _ in 0..PER_SECOND {
            chance = stir(chance);
            mission.record(Answered {
                route: pick(&routes, chance),
                status: if chance.is_multiple_of(100) { 503 } else { 200 },
                duration: Duration::from_micros(chance >> 40),
                session: Some(pick(&sessions, chance >> 8)),
            });
        }
        clock.advance(Duration::from_secs(1));
        if second % 5 == 4 {
            let looking = Instant::now();
            black_box(mission.look());
            looks += looking.elapsed();
        }
    }
    let requests = SECONDS * PER_SECOND;
    println!(
        "{requests} requests over 24 h recorded and looked at in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    println!(
        "a look of the rules, every five seconds: {:.2} ms on average\n",
        looks.as_secs_f64() * 1e3 / (SECONDS as f64 / 5.0)
    );
    let (hour, minute) = (Duration::from_secs(3_600), Duration::from_secs(60));
    timed("/admin/api/mission-control", || mission.report());
    timed("/admin/api/timeseries?window=60m&resolution=1m", || {
        mission.timeseries(hour, minute)
    });
    timed("/admin/api/timeseries?window=24h&resolution=1m", || {
        mission.timeseries(24 * hour, minute)
    });
    timed("/admin/api/timeseries?window=24h&resolution=1h", || {
        mission.timeseries(24 * hour, hour)
    });
    timed("/admin/api/events?limit=500", || mission.events(500));
    Ok(())
}

/// The next number of a sequence without a pattern that matters here.
fn stir(chance: u64) -> u64 {
    let chance = chance ^ (chance << 13);
    let chance = chance ^ (chance >> 7);
    chance ^ (chance << 17)
}

fn pick(names: &[String], chance: u64) -> &str {
    let place = usize::try_from(chance).unwrap_or(0) % names.len();
    &names[place]
}

fn timed<T: Serialize>(name: &str, answer: impl Fn() -> T) {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        bytes = serde_json::to_vec(&answer()).map_or(0, |json| json.len());
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{name:<50} median {:6.2} ms  max {:6.2} ms  {bytes} bytes",
        times[ROUNDS / 2],
        times[ROUNDS - 1]
    );
}
