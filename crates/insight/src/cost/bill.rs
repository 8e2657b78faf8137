//! From what was used to what it costs, with the arithmetic.

use serde::Serialize;
use utoipa::ToSchema;

use super::prices::PriceList;

/// What was used in a part of a month, over all buckets.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Usage {
    /// Bytes stored, by the hours they were.
    pub(super) byte_hours: f64,
    /// Bytes sent to clients.
    pub(super) egress_bytes: f64,
    /// Requests that write or list.
    pub(super) writes: f64,
    /// Requests that read.
    pub(super) reads: f64,
}

/// How much of the month this is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hours {
    /// Hours of the part.
    pub(super) part: f64,
    /// Hours of the whole month.
    pub(super) month: f64,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BillLine {
    /// For what.
    pub item: BillItem,
    /// How much was used.
    pub quantity: f64,
    /// In what unit.
    pub unit: String,
    /// How much of it is covered.
    pub included: f64,
    /// How much is charged.
    pub charged: f64,
    /// What that costs.
    pub amount: f64,
    /// How the amount comes about.
    pub arithmetic: String,
}

/// What is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillItem {
    /// What a month costs whatever is used.
    Subscription,
    /// Bytes stored.
    Storage,
    /// Bytes sent to clients.
    Egress,
    /// Requests that write or list.
    WriteRequests,
    /// Requests that read.
    ReadRequests,
}

/// The bill of a part of a month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Bill {
    /// What is charged for.
    pub lines: Vec<BillLine>,
    /// All of them together.
    pub total: f64,
}

impl Bill {
    /// What this costs.
    pub(super) fn of(list: &PriceList, usage: &Usage, hours: Hours) -> Self {
        let part = if hours.month > 0.0 {
            hours.part / hours.month
        } else {
            0.0
        };
        let mut lines = vec![
            subscription(list, hours, part),
            storage(list, usage, hours, part),
            egress(list, usage, hours),
        ];
        for (item, count, price) in [
            (BillItem::WriteRequests, usage.writes, list.writes_per_1000),
            (BillItem::ReadRequests, usage.reads, list.reads_per_1000),
        ] {
            if price > 0.0 {
                lines.push(requests(list, item, count, price));
            }
        }
        let total = lines.iter().map(|line| line.amount).sum();
        Self { lines, total }
    }

    /// The amount of one item.
    pub(super) fn amount(&self, item: BillItem) -> f64 {
        let line = self.lines.iter().find(|line| line.item == item);
        line.map_or(0.0, |line| line.amount)
    }
}

/// Money with as many digits as a reader wants.
pub(super) fn money(amount: f64, currency: &str) -> String {
    // What is a fraction of a cent is not nothing.
    let digits = if amount > 0.0 && amount < 0.01 { 6 } else { 2 };
    format!("{amount:.digits$} {currency}")
}

fn subscription(list: &PriceList, hours: Hours, part: f64) -> BillLine {
    let amount = list.monthly * part;
    BillLine {
        item: BillItem::Subscription,
        quantity: hours.part,
        unit: "hours".to_owned(),
        included: 0.0,
        charged: hours.part,
        amount,
        arithmetic: format!(
            "{} a month × {:.0} of {:.0} hours = {}",
            money(list.monthly, &list.currency),
            hours.part,
            hours.month,
            money(amount, &list.currency)
        ),
    }
}

fn storage(list: &PriceList, usage: &Usage, hours: Hours, part: f64) -> BillLine {
    let unit = list.unit.as_str();
    let unit_hours = usage.byte_hours / list.unit.bytes();
    let quantity = if hours.month > 0.0 {
        unit_hours / hours.month
    } else {
        0.0
    };
    let included = list.included_stored * part;
    let charged = (quantity - included).max(0.0);
    let amount = PriceList::charge(&list.stored, charged, part);
    BillLine {
        item: BillItem::Storage,
        quantity,
        unit: format!("{unit}-months"),
        included,
        charged,
        amount,
        arithmetic: format!(
            "{unit_hours:.2} {unit}-hours ÷ {:.0} hours = {quantity:.4} {unit}-months, less {included:.4} covered, leaves \
             {charged:.4} × {} = {}",
            hours.month,
            rate(list, &list.stored),
            money(amount, &list.currency)
        ),
    }
}

fn egress(list: &PriceList, usage: &Usage, hours: Hours) -> BillLine {
    let unit = list.unit.as_str();
    let quantity = usage.egress_bytes / list.unit.bytes();
    let stored = if hours.month > 0.0 {
        usage.byte_hours / list.unit.bytes() / hours.month
    } else {
        0.0
    };
    let included = list.included_egress + stored * list.free_egress_per_stored;
    let charged = (quantity - included).max(0.0);
    let amount = PriceList::charge(&list.egress, charged, 1.0);
    BillLine {
        item: BillItem::Egress,
        quantity,
        unit: unit.to_owned(),
        included,
        charged,
        amount,
        arithmetic: format!(
            "{quantity:.4} {unit}, less {included:.4} covered, leaves {charged:.4} × {} = {}",
            rate(list, &list.egress),
            money(amount, &list.currency)
        ),
    }
}

fn requests(list: &PriceList, item: BillItem, count: f64, price: f64) -> BillLine {
    let amount = count / 1000.0 * price;
    BillLine {
        item,
        quantity: count,
        unit: "requests".to_owned(),
        included: 0.0,
        charged: count,
        amount,
        arithmetic: format!(
            "{count:.0} ÷ 1000 × {price} {} = {}",
            list.currency,
            money(amount, &list.currency)
        ),
    }
}

fn rate(list: &PriceList, tiers: &[super::prices::Tier]) -> String {
    match tiers {
        [] => "nothing".to_owned(),
        [only] => format!("{} {}", only.price, list.currency),
        [first, .., last] => format!("{} to {} {} by tier", first.price, last.price, list.currency),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::prices::Tier;
    use super::*;

    const GIB: f64 = 1_073_741_824.0;

    fn check(list: &PriceList, usage: Usage, part: f64, expected: Expect) {
        let bill = Bill::of(list, &usage, Hours { part, month: 720.0 });
        let mut text = String::new();
        for line in &bill.lines {
            text += &format!("{}\n", line.arithmetic);
        }
        text += &format!("{:.4}", bill.total);
        expected.assert_eq(&text);
    }

    #[test]
    fn bills() {
        let spaces = PriceList::digitalocean_spaces();
        let small = Usage {
            byte_hours: 100.0 * GIB * 720.0,
            egress_bytes: 10.0 * GIB,
            ..Usage::default()
        };
        check(
            &spaces,
            small,
            720.0,
            expect![[r#"
                5.00 USD a month × 720 of 720 hours = 5.00 USD
                72000.00 GiB-hours ÷ 720 hours = 100.0000 GiB-months, less 250.0000 covered, leaves 0.0000 × 0.02 USD = 0.00 USD
                10.0000 GiB, less 1024.0000 covered, leaves 0.0000 × 0.01 USD = 0.00 USD
                5.0000"#]],
        );
        let large = Usage {
            byte_hours: 1250.0 * GIB * 360.0,
            egress_bytes: 3024.0 * GIB,
            ..Usage::default()
        };
        check(
            &spaces,
            large,
            360.0,
            expect![[r#"
                5.00 USD a month × 360 of 720 hours = 2.50 USD
                450000.00 GiB-hours ÷ 720 hours = 625.0000 GiB-months, less 125.0000 covered, leaves 500.0000 × 0.02 USD = 10.00 USD
                3024.0000 GiB, less 1024.0000 covered, leaves 2000.0000 × 0.01 USD = 20.00 USD
                32.5000"#]],
        );
    }

    #[test]
    fn other_price_lists() {
        let list = PriceList {
            name: "other".to_owned(),
            monthly: 0.0,
            included_stored: 0.0,
            included_egress: 0.0,
            free_egress_per_stored: 3.0,
            stored: vec![
                Tier {
                    up_to: Some(100.0),
                    price: 0.02,
                },
                Tier {
                    up_to: None,
                    price: 0.01,
                },
            ],
            writes_per_1000: 0.005,
            reads_per_1000: 0.0004,
            ..PriceList::digitalocean_spaces()
        };
        let usage = Usage {
            byte_hours: 200.0 * GIB * 720.0,
            egress_bytes: 700.0 * GIB,
            writes: 20_000.0,
            reads: 100.0,
        };
        check(
            &list,
            usage,
            720.0,
            expect![[r#"
                0.00 USD a month × 720 of 720 hours = 0.00 USD
                144000.00 GiB-hours ÷ 720 hours = 200.0000 GiB-months, less 0.0000 covered, leaves 200.0000 × 0.02 to 0.01 USD by tier = 3.00 USD
                700.0000 GiB, less 600.0000 covered, leaves 100.0000 × 0.01 USD = 1.00 USD
                20000 ÷ 1000 × 0.005 USD = 0.10 USD
                100 ÷ 1000 × 0.0004 USD = 0.000040 USD
                4.1000"#]],
        );
    }
}
