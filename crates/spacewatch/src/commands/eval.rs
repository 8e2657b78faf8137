//! `spacewatch eval`

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use spacewatch_assistant::{Assistant, Toolbox};
use spacewatch_eval::{QuestionSet, Report, World, evaluate};
use spacewatch_s3::Credentials;
use url::Url;

use super::assistant::toolbox::TenantToolbox;
use super::demo;
use crate::cli::eval::EvalArgs;
use crate::configuration::{self, Configuration, LogLevel};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{logging, output, wiring};

pub(super) async fn run(args: EvalArgs, verbose: u8) -> Result<(), Failure> {
    if let Some(percent) = args.at_least.filter(|percent| !(0.0..=100.0).contains(percent)) {
        return Err(Failure::usage(format!("`--at-least {percent}` is no percentage")));
    }
    let failed =
        |what: &str, error: &dyn std::error::Error| Failure::new(Exit::Failed, what).caused_by(error);
    let directory =
        tempfile::tempdir().map_err(|error| failed("can't make a temporary directory", &error))?;
    let world = World::start()
        .await
        .map_err(|error| failed("can't start the made-up store", &error))?;
    let questions = questions(&args, &world)?;
    let asked = output::interruptible(score(&questions, &world, directory.path(), (&args, verbose))).await;
    world.shutdown().await;
    directory
        .close()
        .map_err(|error| failed("the temporary directory is left behind", &error))?;
    show(&args, &asked?)
}

/// What is asked, and what must be answered.
fn questions(args: &EvalArgs, world: &World) -> Result<QuestionSet, Failure> {
    let truth = world
        .truth()
        .map_err(|error| Failure::new(Exit::Failed, "can't read the made-up store").caused_by(&error))?;
    let wrong = |error| Failure::usage(format!("the questions can't be asked: {error}"));
    let set = match &args.questions {
        Some(path) => QuestionSet::read(&text_of(path)?, &truth),
        None => QuestionSet::of(&truth),
    };
    let set = set.map_err(wrong)?.with(args.wordings.into());
    match &args.only {
        Some(which) => set.only(which).map_err(wrong),
        None => Ok(set),
    }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("can't read `{}`", path.display())).caused_by(&error))
}

async fn score(
    questions: &QuestionSet,
    world: &World,
    directory: &Path,
    (args, verbose): (&EvalArgs, u8),
) -> Result<Report, Failure> {
    // Nobody's own settings: the same questions over the same store have the same answers everywhere.
    let loaded = configuration::defaults(directory)?;
    let configuration = over(world, loaded.configuration, directory)?;
    let parts = wiring::Parts::remembering_at(&configuration, &loaded.prices, world.clock())?;
    let level = match verbose {
        0 => LogLevel::Off,
        _ => LogLevel::Warning,
    };
    let _logging = logging::start(configuration.log_format, level, parts.clock.clone());
    let endpoint = parts.policy.default_endpoint();
    let tenant = parts.tenant(&configuration, credentials(world)?, endpoint.clone());
    demo::past::write(world.store(), &parts, endpoint).await?;
    let toolbox =
        |may_write| TenantToolbox::new(tenant.clone(), world.time_zone().clone(), None).writing(may_write);
    prepare(&toolbox(true)).await?;
    world.ask_from_now_on();
    let assistant = if args.model {
        wiring::assistant(
            &configuration::load(Vec::new())?.configuration,
            parts.clock.clone(),
            // Each question is the model's to answer.
            Duration::ZERO,
        )?
    } else {
        Assistant::new(parts.clock.clone())
    };
    let bar = output::AskingBar::new("asking");
    let mut tell = |asked: spacewatch_eval::Asked| bar.show(asked.done, asked.of, asked.right);
    let report = evaluate(questions, (&assistant, &toolbox(false)), &mut tell).await;
    drop(bar);
    parts.lakes.close().await;
    parts.inventories.close().await;
    Ok(report)
}

fn over(world: &World, configuration: Configuration, directory: &Path) -> Result<Configuration, Failure> {
    let broken = |error: &dyn std::error::Error| {
        Failure::new(Exit::Failed, "the made-up store can't be used").caused_by(error)
    };
    let buckets = world.tenant().map_or(&[][..], |tenant| &tenant.buckets);
    let bucket = |ending| {
        let named = demo::bucket_ending(buckets, ending);
        named
            .map(|name| name.parse())
            .transpose()
            .map_err(|error| broken(&error))
    };
    Ok(Configuration {
        spaces_endpoint: Some(Url::parse(&world.store().endpoint()).map_err(|error| broken(&error))?),
        access_logs_bucket: bucket("-logs")?,
        access_logs_root_prefix: spacewatch_demo::LOG_PREFIX
            .parse()
            .map_err(|error| broken(&error))?,
        metrics_bucket: bucket("-metrics")?,
        data_dir: Some(directory.to_owned()),
        ..configuration
    })
}

fn credentials(world: &World) -> Result<Credentials, Failure> {
    let tenant = world
        .tenant()
        .ok_or_else(|| Failure::new(Exit::Failed, "the made-up store has no tenant"))?;
    Credentials::new(tenant.access_key_id.clone(), tenant.secret_access_key.clone())
        .map_err(|error| Failure::new(Exit::Failed, "the made-up keys are broken").caused_by(&error))
}

/// Reads the logs, takes a snapshot and an inventory of each bucket: what an operator who asks such things has.
async fn prepare(toolbox: &dyn Toolbox) -> Result<(), Failure> {
    let failed = |error: spacewatch_assistant::ToolFailure| {
        Failure::new(Exit::Failed, "the made-up store can't be looked at").caused_by(&error)
    };
    let logs = toolbox.circumstances().log_bucket;
    let metrics = toolbox.circumstances().metrics_bucket;
    let call =
        |tool: &'static str, args: Value| async move { toolbox.call(tool, args).await.map_err(failed) };
    call("ingest", json!({ "wait": true })).await?;
    call("snapshot-all", json!({})).await?;
    let buckets = call("buckets", json!({})).await?;
    let named = buckets["buckets"].as_array().into_iter().flatten();
    for bucket in named.filter_map(Value::as_str) {
        let kept = [&logs, &metrics].into_iter().flatten();
        if !kept.into_iter().any(|name| name.as_str() == bucket) {
            call("inventory-run", json!({ "bucket": bucket, "wait": true })).await?;
        }
    }
    Ok(())
}

fn show(args: &EvalArgs, report: &Report) -> Result<(), Failure> {
    if args.json {
        output::print_json(report)?;
    } else {
        output::print(&report.shown())?;
    }
    let reached = report.all.percent();
    match args.at_least.filter(|least| reached < *least) {
        Some(least) => Err(Failure::new(
            Exit::Failed,
            format!("{reached:.1} % of the answers are right, not {least} %"),
        )),
        None => Ok(()),
    }
}
