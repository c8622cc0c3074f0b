use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::{Change, OrganizationId};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn placing() -> Placing {
    let address: ContactAddress = "+919876543210".parse().expect("a number");
    Placing {
        id: CommunicationId::at(NOW, [1; 10]),
        organization: OrganizationId::PLATFORM,
        branch: BranchId::at(NOW, [2; 10]),
        user: UserId::at(NOW, [3; 10]),
        lead: None,
        contact: Some((address, ReachabilityId::at(NOW, [4; 10]))),
        now: NOW,
    }
}

fn text() -> CommunicationDetails {
    let content = Some("Hello".parse().expect("a text"));
    CommunicationDetails::outbound(CommunicationType::Sms, ContactPurpose::Service, content)
}

fn queued() -> Communication {
    Communication::carry(text(), placing(), MessageId::at(NOW, [5; 10])).after
}

fn carried() -> Carried {
    Carried { integration: None, id: "SM1".to_owned() }
}

fn a_report() -> impl Strategy<Value = DeliveryReport> {
    let status = prop_oneof![
        Just(CommunicationStatus::Sent),
        Just(CommunicationStatus::Delivered),
        Just(CommunicationStatus::Read),
        Just(CommunicationStatus::Failed),
    ];
    (status, 0_i64..4).prop_map(|(status, seconds)| DeliveryReport {
        status,
        at: NOW + SignedDuration::from_secs(seconds),
        // The same report tells the same.
        failure: (status == CommunicationStatus::Failed).then(|| format!("error {seconds}")),
    })
}

/// What it is like in the end, apart from how often it changed.
fn end(reports: &[DeliveryReport], sent_after: usize) -> Communication {
    let mut communication = queued();
    for (place, report) in reports.iter().enumerate() {
        if place == sent_after {
            communication = communication.sent(carried(), NOW, NOW).after;
        }
        communication = communication.clone().report(report.clone(), NOW).map_or(communication, |change| change.after);
    }
    if reports.len() <= sent_after {
        communication = communication.sent(carried(), NOW, NOW).after;
    }
    communication
}

/// Something that becomes of a message of a campaign.
#[derive(Debug, Clone)]
enum Turn {
    Sent,
    Report(DeliveryReport),
    Refused,
    Clicked(i64),
    Scanned,
    Responded,
    Converted,
    Cancelled,
    Replaced,
}

fn a_turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        Just(Turn::Sent),
        a_report().prop_map(Turn::Report),
        Just(Turn::Refused),
        (0_i64..3).prop_map(Turn::Clicked),
        Just(Turn::Scanned),
        Just(Turn::Responded),
        Just(Turn::Converted),
        Just(Turn::Cancelled),
        Just(Turn::Replaced),
    ]
}

fn turned(communication: Communication, turn: Turn) -> Option<Change<Communication>> {
    match turn {
        Turn::Sent => Some(communication.sent(carried(), NOW, NOW)),
        Turn::Report(report) => communication.report(report, NOW),
        Turn::Refused => communication.refused(Refusal::Unsubscribed, NOW),
        Turn::Clicked(seconds) => communication.clicked(NOW + SignedDuration::from_secs(seconds), NOW),
        Turn::Scanned => communication.followed_by_machine(Following::Click),
        Turn::Responded => communication.responded(NOW, NOW),
        Turn::Converted => communication.converted(NOW, NOW),
        Turn::Cancelled => communication.cancel(NOW).ok(),
        Turn::Replaced => Some(communication.replaced(CommunicationId::at(NOW, [9; 10]), NOW)),
    }
}

/// Adds up figures as the table does.
fn add(totals: &mut std::collections::BTreeMap<(String, String), i64>, change: &Change<Communication>) {
    for count in &change.counts {
        *totals.entry((count.dimension.clone(), "out".to_owned())).or_default() += count.by;
        for (name, by) in &count.parts {
            *totals.entry((count.dimension.clone(), name.clone())).or_default() += by;
        }
    }
    totals.retain(|_, n| *n != 0);
}

proptest! {
    /// Whatever becomes of a message, the figures of its campaign are what it has come to.
    #[test]
    fn figures_are_what_the_message_has_come_to(turns in prop::collection::vec(a_turn(), 0..12)) {
        let campaign = CampaignId::at(NOW, [7; 10]);
        let campaign = Some(OfCampaign { id: campaign, variant: Some("b".to_owned()), is_planned: true });
        let details = CommunicationDetails { campaign, ..text() };
        let change = Communication::carry(details, placing(), MessageId::at(NOW, [5; 10]));
        let mut totals = std::collections::BTreeMap::new();
        add(&mut totals, &change);
        let mut communication = change.after;
        for turn in turns {
            if let Some(change) = turned(communication.clone(), turn) {
                add(&mut totals, &change);
                communication = change.after;
            }
        }
        let mut truth = std::collections::BTreeMap::new();
        let whole = Change::create(communication.clone(), "whole").counting(milestones::steps(None, &communication));
        add(&mut truth, &whole);
        prop_assert_eq!(totals, truth);
    }

    #[test]
    fn reports_end_alike_in_whatever_order_they_come_and_however_often(
        (reports, shuffled) in prop::collection::vec(a_report(), 0..8)
            .prop_flat_map(|reports| (Just(reports.clone()), Just([reports.clone(), reports].concat()).prop_shuffle())),
        sent_after in 0_usize..9,
    ) {
        let (one, other) = (end(&reports, 0), end(&shuffled, sent_after));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn no_report_moves_it_back(reports in prop::collection::vec(a_report(), 0..8)) {
        let mut communication = queued();
        for report in reports {
            let before = communication.status.progress();
            communication = communication.clone().report(report, NOW).map_or(communication, |change| change.after);
            prop_assert!(communication.status.progress() >= before);
        }
    }
}

#[test]
fn what_a_provider_carries_is_moved_by_its_reports_alone() {
    let sent = queued().sent(carried(), NOW, NOW).after;
    let patch = CommunicationPatch {
        status: Some(CommunicationStatus::Delivered),
        read_at: Some(Some(NOW)),
        ..CommunicationPatch::default()
    };
    let after = sent.clone().update(patch.clone(), NOW).expect("no refusal").after;
    assert_eq!((after.status, after.read_at), (CommunicationStatus::Sent, None));
    let logged = Communication::log(text(), placing()).after;
    let after = logged.update(patch, NOW).expect("no refusal").after;
    assert_eq!((after.status, after.read_at), (CommunicationStatus::Delivered, Some(NOW)));
    let content = CommunicationPatch { content: Some(None), ..CommunicationPatch::default() };
    assert_eq!(sent.update(content, NOW).map(|_| ()), Err(UpdateRefused::Gone));
}

#[test]
fn what_has_not_gone_out_can_be_taken_back_and_stays_so() {
    let taken_back =
        CommunicationPatch { status: Some(CommunicationStatus::Cancelled), ..CommunicationPatch::default() };
    let Change { after, kind, .. } = queued().update(taken_back.clone(), NOW).expect("it is taken back");
    assert_eq!((after.status, kind), (CommunicationStatus::Cancelled, "communication.cancelled"));
    let too_late = after.clone().sent(carried(), NOW, NOW).after;
    assert_eq!((too_late.status, too_late.carried), (CommunicationStatus::Sent, Some(carried())));
    let report = DeliveryReport { status: CommunicationStatus::Read, at: NOW, failure: None };
    assert!(after.report(report, NOW).is_none());
    let sent = queued().sent(carried(), NOW, NOW).after;
    assert_eq!(sent.update(taken_back, NOW).map(|_| ()), Err(UpdateRefused::Gone));
}

#[test]
fn what_is_to_come_is_scheduled() {
    let later = Some(NOW + SignedDuration::from_hours(1));
    let details = CommunicationDetails { scheduled_at: later, ..text() };
    let status = Communication::log(details.clone(), placing()).after.status;
    assert_eq!(status, CommunicationStatus::Scheduled);
    let carried = Communication::carry(details, placing(), MessageId::at(NOW, [5; 10])).after;
    assert_eq!((carried.status, carried.at()), (CommunicationStatus::Scheduled, NOW + SignedDuration::from_hours(1)));
    assert_eq!(Communication::log(text(), placing()).after.status, CommunicationStatus::Completed);
}

#[test]
fn what_programs_do_is_counted_apart_and_up_to_a_bound() {
    let mut communication = queued();
    let mut hits = 0;
    while let Some(change) = communication.clone().followed_by_machine(Following::Open) {
        communication = change.after;
        hits += 1;
    }
    assert_eq!((hits, communication.machine_opens), (10, Communication::MOST_MACHINE_HITS));
    assert_eq!(communication, Communication { machine_opens: 10, ..queued() }, "nothing else is told of it");
    assert!(communication.followed_by_machine(Following::Click).is_some(), "each has a bound of its own");
}

#[test]
fn campaigns_and_marketing_are_tracked_unless_a_mail_says_otherwise() {
    use ContactPurpose::{Marketing, Service};
    let of = |is_planned: Option<bool>, purpose, asked: Option<Value>| {
        let id = CampaignId::at(NOW, [7; 10]);
        let campaign = is_planned.map(|is_planned| OfCampaign { id, variant: None, is_planned });
        let data = asked.map(|asked| (TRACKING_PIXEL.to_owned(), asked)).into_iter().collect();
        let channel_specific_data = CustomFields::new(data).expect("fields");
        let details = CommunicationDetails { campaign, purpose, channel_specific_data, ..text() };
        Communication::carry(details, placing(), MessageId::at(NOW, [5; 10])).after.is_tracked()
    };
    for (is_planned, purpose, asked, is_tracked) in [
        (None, Service, None, false),
        (Some(false), Service, None, false),
        (Some(true), Service, None, true),
        (None, Marketing, None, true),
        (None, Service, Some(Value::Bool(true)), true),
        (Some(true), Marketing, Some(Value::Bool(false)), false),
        (None, Service, Some(Value::from("true")), false),
    ] {
        assert_eq!(of(is_planned, purpose, asked.clone()), is_tracked, "{is_planned:?} {purpose} {asked:?}");
    }
}
