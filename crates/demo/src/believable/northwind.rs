//! Northwind Media: a website, what its users upload, backups of its database.

use s3s::dto;

use super::{DAY, GIB, KIB, LogNames, MIB, Maker, expiry, logging_to};
use crate::world::Grant;

const TOPICS: [&str; 12] = [
    "harvest",
    "lighthouse",
    "tram-line-4",
    "winter-market",
    "regatta",
    "city-council",
    "jazz-night",
    "street-food",
    "old-bridge",
    "marathon",
    "film-week",
    "botanical-garden",
];
const CAMPAIGNS: [&str; 5] = [
    "spring-sale",
    "newsletter",
    "autumn-gala",
    "podcast",
    "anniversary",
];
const PAPERS: [&str; 6] = [
    "contract",
    "invoice",
    "minutes",
    "press-release",
    "budget",
    "licence",
];

/// Names that are allowed and trip up careless clients.
const ODD_NAMES: [&str; 14] = [
    "odd/ leading space.txt",
    "odd/trailing space .txt",
    "odd//empty folder name.txt",
    "odd/100% sure?.txt",
    "odd/a+b=c&d.txt",
    "odd/\"quoted\" <b>bold</b>.html",
    "odd/été à la plage.jpg",
    "odd/東京タワー.png",
    "odd/🎈 party.mp4",
    "odd/back\\slash.txt",
    "odd/semi;colon,comma'.csv",
    "odd/../not-a-parent.txt",
    "odd/#hash.txt",
    "odd/=cmd|calc.csv",
];

pub(super) fn fill(maker: Maker) -> Maker {
    let mut maker = maker.tenant(
        "Northwind Media",
        "NORTHWINDDEMOKEY0001",
        "northwind-demo-secret-for-spacewatch-0001",
    );
    assets(&mut maker);
    uploads(&mut maker);
    backups(&mut maker);
    documents(&mut maker);
    staging(&mut maker);
    maker.bucket("northwind-logs", 640);
    logging(&mut maker);
    maker.bucket("northwind-metrics", 90);
    maker.store = maker
        .store
        .with_public_access_block("backups")
        .with_object_lock("backups", 30)
        .with_encryption("backups")
        .with_encryption("documents")
        // Somebody wanted to try an upload from a browser.
        .with_cors("staging", &["*"], &["GET", "PUT"]);
    maker.store = maker.store.with_limited_key(
        "NORTHWINDREADONLY001",
        "northwind-read-only-secret-for-demo-0001",
        &[("prod-uploads", Grant::Read), ("backups", Grant::Read)],
    );
    maker.store = maker.store.with_limited_key(
        "NORTHWINDEDITORS0001",
        "northwind-editors-secret-for-the-demo-01",
        &[("documents", Grant::ReadWrite), ("staging", Grant::FullAccess)],
    );
    maker
}

/// Each bucket has its own way of logging, so that there is one of each to see.
fn logging(maker: &mut Maker) {
    for (bucket, prefix, names, gzip) in [
        ("prod-assets", "access/prod-assets/", LogNames::Simple, true),
        ("prod-uploads", "access/prod-uploads/", LogNames::Simple, false),
        ("backups", "access/backups/", LogNames::Simple, false),
        ("documents", "access/", LogNames::ByEvent, false),
        ("staging", "access/", LogNames::ByDelivery, true),
    ] {
        let settings = &mut maker.store.bucket(bucket).settings;
        settings.logging = Some(logging_to("northwind-logs", prefix, names));
        settings.gzip_logs = gzip;
    }
}

fn assets(maker: &mut Maker) {
    let bucket = "prod-assets";
    maker.bucket(bucket, 760);
    for _ in 0..1100 {
        let modified = maker.moment(720);
        let (year, month, _) = maker.date(modified);
        let (topic, number) = (maker.dice.word(&TOPICS), maker.dice.below(9000));
        let (suffix, median) = *maker
            .dice
            .pick(&[
                ("jpg", 380.0 * KIB),
                ("webp", 140.0 * KIB),
                ("thumb.webp", 14.0 * KIB),
            ])
            .unwrap_or(&("jpg", KIB));
        let size = maker.dice.size(median, 0.7);
        maker.object(
            bucket,
            &format!("images/{year}/{month:02}/{topic}-{number:04}.{suffix}"),
            size,
            modified,
        );
    }
    for build in 0..14 {
        let modified = maker.now - build * 9 * DAY - 3000;
        for (name, median) in [
            ("app", 310.0 * KIB),
            ("vendor", 890.0 * KIB),
            ("player", 120.0 * KIB),
        ] {
            let hash = maker.dice.next_u64() >> 32;
            let size = maker.dice.size(median, 0.1);
            maker.object(bucket, &format!("static/js/{name}.{hash:08x}.js"), size, modified);
            maker.object(
                bucket,
                &format!("static/css/{name}.{hash:08x}.css"),
                size / 6,
                modified,
            );
        }
    }
    for font in ["inter-regular", "inter-bold", "source-serif"] {
        maker.object(
            bucket,
            &format!("static/fonts/{font}.woff2"),
            96_000,
            maker.now - 600 * DAY,
        );
    }
    for page in ["index.html", "404.html", "robots.txt", "favicon.svg"] {
        maker.object(bucket, page, 2_400, maker.now - 3 * DAY);
    }
    let settings = &mut maker.store.bucket(bucket).settings;
    settings.policy = Some(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::prod-assets/*"}]}"#
            .to_owned(),
    );
    settings.opened.read = true;
    settings.lifecycle = Some(expiry("old-builds", "static/js/", 180));
    settings.cors = Some(vec![dto::CORSRule {
        allowed_headers: Some(vec!["*".to_owned()]),
        allowed_methods: vec!["GET".to_owned(), "HEAD".to_owned()],
        allowed_origins: vec!["https://www.northwind.example".to_owned()],
        expose_headers: Some(vec!["ETag".to_owned()]),
        id: None,
        max_age_seconds: Some(3600),
    }]);
}

fn uploads(maker: &mut Maker) {
    let bucket = "prod-uploads";
    maker.bucket(bucket, 730);
    for _ in 0..800 {
        let modified = maker.moment(710);
        let (user, file) = (maker.dice.below(240), maker.dice.below(100_000));
        let (suffix, median, sigma) = *maker
            .dice
            .pick(&[
                ("avatar.png", 60.0 * KIB, 0.5),
                ("photo.jpg", 2.8 * MIB, 0.6),
                ("photo.jpg", 2.8 * MIB, 0.6),
                ("clip.mp4", 85.0 * MIB, 1.1),
                ("voice.mp3", 3.0 * MIB, 0.7),
            ])
            .unwrap_or(&("photo.jpg", MIB, 0.5));
        let size = maker.dice.size(median, sigma);
        maker.object(
            bucket,
            &format!("users/u{user:05}/{file:05}-{suffix}"),
            size,
            modified,
        );
    }
    for raw in 0..24 {
        let modified = maker.moment(400);
        let (topic, size) = (maker.dice.word(&TOPICS), maker.dice.size(6.5 * GIB, 0.8));
        maker.object(
            bucket,
            &format!("studio/raw/{topic}-cam{}-{raw:02}.mov", raw % 3 + 1),
            size,
            modified,
        );
    }
    maker.open_upload(bucket, "studio/raw/regatta-cam2-final.mov", 37, 19);
    maker.open_upload(bucket, "studio/raw/jazz-night-cam1.mov", 4, 2);
    let settings = &mut maker.store.bucket(bucket).settings;
    settings.lifecycle = Some(expiry("temporary", "tmp/", 3));
}

fn backups(maker: &mut Maker) {
    let bucket = "backups";
    maker.bucket(bucket, 720);
    for day in 0..60 {
        let modified = maker.now - day * DAY - 5 * 3600;
        let (year, month, date) = maker.date(modified);
        let full = day % 7 == 0;
        let (kind, median) = if full {
            ("full", 21.0 * GIB)
        } else {
            ("incremental", 700.0 * MIB)
        };
        let size = maker.dice.size(median, 0.12);
        let folder = format!("postgres/{year}/{month:02}");
        maker.object(
            bucket,
            &format!("{folder}/{kind}-{year}-{month:02}-{date:02}.sql.zst"),
            size,
            modified,
        );
        maker.object(
            bucket,
            &format!("{folder}/{kind}-{year}-{month:02}-{date:02}.sha256"),
            97,
            modified + 40,
        );
    }
    for month in 0..23 {
        let modified = maker.now - month * 30 * DAY - 7 * 3600;
        let (year, calendar_month, _) = maker.date(modified);
        let size = maker.dice.size(9.0 * GIB, 0.2);
        maker.object(
            bucket,
            &format!("servers/web-{year}-{calendar_month:02}.tar.zst"),
            size,
            modified,
        );
    }
    maker.store.bucket(bucket).settings.lifecycle = Some(expiry("keep-two-years", "postgres/", 730));
}

fn documents(maker: &mut Maker) {
    let bucket = "documents";
    maker.bucket(bucket, 700);
    for number in 0..160 {
        let (paper, campaign) = (maker.dice.word(&PAPERS), maker.dice.word(&CAMPAIGNS));
        let suffix = maker.dice.word(&["pdf", "docx", "pdf", "csv"]);
        maker.versions(
            bucket,
            &format!("{campaign}/{paper}-{number:03}.{suffix}"),
            240.0 * KIB,
        );
    }
}

fn staging(maker: &mut Maker) {
    let bucket = "staging";
    maker.bucket(bucket, 210);
    for name in ODD_NAMES {
        let modified = maker.moment(200);
        let size = maker.dice.size(9.0 * KIB, 1.2);
        maker.object(bucket, name, size, modified);
    }
    for name in ["uploads/", "uploads/.keep", "empty.txt", "build/_SUCCESS"] {
        let modified = maker.moment(200);
        maker.object(bucket, name, 0, modified);
    }
    for number in 0..220 {
        let modified = maker.moment(60);
        let (campaign, size) = (maker.dice.word(&CAMPAIGNS), maker.dice.size(55.0 * KIB, 1.3));
        let suffix = maker.dice.word(&["html", "js", "png", "json"]);
        maker.object(
            bucket,
            &format!("preview/{campaign}/{number:03}.{suffix}"),
            size,
            modified,
        );
    }
}
