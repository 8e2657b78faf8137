//! Keeps what mission control counted, and lets it look at the clock: what happens is noticed and written down whether or not
//! somebody looks.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use spacewatch_model::Clock;
use spacewatch_telemetry::{MissionControl, SavedMission, Severity};
use tokio_util::sync::CancellationToken;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(5);
/// Looks between two writes: a crash loses no more than a minute.
const WRITE_EVERY: u32 = 6;
/// Days whose files are kept: the day of 24 hours begins in the one before.
const DAYS: i64 = 2;

/// A file for each day below the data directory.
pub(super) struct MissionLog {
    mission: MissionControl,
    clock: Arc<dyn Clock>,
    directory: PathBuf,
    /// Told once that it can't be written.
    complained: bool,
}

impl MissionLog {
    /// Takes back what was kept. What can't be read is not missed.
    pub(super) fn open(mission: MissionControl, clock: Arc<dyn Clock>, data: &Path) -> Self {
        let log = Self {
            mission,
            clock,
            directory: data.join("mission-control"),
            complained: false,
        };
        for day in log.days() {
            if let Ok(file) = File::open(log.path(day)) {
                log.mission.restore(SavedMission::read(&mut BufReader::new(file)));
            }
        }
        log
    }

    /// Looks and writes until the end; then writes the rest.
    pub(super) async fn watch(mut self, ended: CancellationToken) {
        let mut looks = 0_u32;
        while ended
            .run_until_cancelled(tokio::time::sleep(LOOK))
            .await
            .is_some()
        {
            for event in self.mission.look() {
                let told = format!("{}: {}", event.title, event.details);
                if event.severity == Severity::Info {
                    tracing::info!("{told}");
                } else {
                    tracing::warn!("{told}");
                }
            }
            looks += 1;
            if looks.is_multiple_of(WRITE_EVERY) {
                self.write(false);
            }
        }
        self.write(true);
    }

    /// A few kilobytes a minute: not worth a thread of its own.
    fn write(&mut self, all: bool) {
        let unsaved = self.mission.unsaved(all);
        if unsaved.is_empty() {
            return;
        }
        if let Err(error) = self.append(unsaved)
            && !self.complained
        {
            self.complained = true;
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what mission control counts is lost with the next restart"
            );
        }
    }

    fn append(&self, unsaved: SavedMission) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        let path = self.path(self.today());
        if !path.exists() {
            self.remove_old()?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        unsaved.write(&mut file).map_err(io::Error::other)
    }

    fn remove_old(&self) -> io::Result<()> {
        let kept: Vec<PathBuf> = self.days().map(|day| self.path(day)).collect();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if !kept.contains(&path) && path.extension().is_some_and(|extension| extension == "jsonl") {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn today(&self) -> Date {
        self.clock.now().to_zoned(TimeZone::UTC).date()
    }

    /// The oldest first.
    fn days(&self) -> impl Iterator<Item = Date> {
        let today = self.today();
        (0..DAYS)
            .rev()
            .filter_map(move |back| today.checked_sub(back.days()).ok())
    }

    fn path(&self, day: Date) -> PathBuf {
        self.directory.join(format!("{day}.jsonl"))
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::ManualClock;
    use spacewatch_telemetry::Answered;

    use super::*;

    fn opened(clock: &Arc<ManualClock>, data: &Path) -> MissionLog {
        MissionLog::open(MissionControl::new(clock.clone()), clock.clone(), data)
    }

    fn count(log: &MissionLog) -> u64 {
        log.mission
            .report()
            .top_endpoints
            .by_volume
            .iter()
            .map(|route| route.count)
            .sum()
    }

    #[test]
    fn a_restart_goes_on_where_it_was() {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::starting_at("2026-11-23T23:50:00Z".parse().unwrap()));
        let mut log = opened(&clock, data.path());
        let answered = Answered {
            route: "/tools/top",
            status: 200,
            duration: Duration::from_millis(40),
            session: None,
        };
        for minute in 0..20 {
            log.mission.record(answered);
            clock.advance(Duration::from_secs(60));
            log.write(minute == 19);
        }
        assert_eq!(count(&opened(&clock, data.path())), 20);
        assert!(log.path("2026-11-23".parse().unwrap()).exists());
        clock.advance(Duration::from_secs(2 * 86_400));
        log.mission.record(answered);
        log.write(true);
        assert!(!log.path("2026-11-23".parse().unwrap()).exists());
        assert_eq!(count(&opened(&clock, data.path())), 1);
    }

    #[test]
    fn a_directory_that_cannot_be_written_harms_nothing() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("mission-control"), "in the way").unwrap();
        let clock = Arc::new(ManualClock::starting_at("2026-11-23T10:00:00Z".parse().unwrap()));
        let mut log = opened(&clock, data.path());
        log.mission.record(Answered {
            route: "/x",
            status: 200,
            duration: Duration::from_millis(1),
            session: None,
        });
        log.write(true);
        assert!(log.complained);
    }
}
