//! Whatever happened to the leads, the reports say what a recount says.

use std::collections::{BTreeMap, HashSet};

use domain::lead::LeadPatch;
use domain::pipeline::{MoveContext, Pipeline};
use domain::{BranchId, Change, Lead, LeadId, Role, UserId};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use store::CommitError;

use crate::support::{Office, from};

#[derive(Debug, Clone)]
enum Step {
    Arrive { source: usize, other_branch: bool, owner: usize, person: u8 },
    Move { lead: Index, stage: Index },
    Assign { lead: Index, owner: usize },
    ChangeBranch { lead: Index, other_branch: bool },
    ChangeSource { lead: Index, source: usize },
    Touch { lead: Index, source: usize },
    Delete { lead: Index },
    Restore { lead: Index },
    Merge { kept: Index, gone: Index },
    Wait { hours: i64 },
}

const SOURCES: [&str; 4] = ["", "Website", "Facebook Ads", "मेला"];

fn a_step() -> impl Strategy<Value = Step> {
    let lead = any::<Index>;
    prop_oneof![
        4 => (0..4_usize, any::<bool>(), 0..3_usize, 0..12_u8)
            .prop_map(|(source, other_branch, owner, person)| Step::Arrive { source, other_branch, owner, person }),
        4 => (lead(), lead()).prop_map(|(lead, stage)| Step::Move { lead, stage }),
        1 => (lead(), 0..3_usize).prop_map(|(lead, owner)| Step::Assign { lead, owner }),
        1 => (lead(), any::<bool>()).prop_map(|(lead, other_branch)| Step::ChangeBranch { lead, other_branch }),
        1 => (lead(), 0..4_usize).prop_map(|(lead, source)| Step::ChangeSource { lead, source }),
        1 => (lead(), 0..4_usize).prop_map(|(lead, source)| Step::Touch { lead, source }),
        2 => lead().prop_map(|lead| Step::Delete { lead }),
        2 => lead().prop_map(|lead| Step::Restore { lead }),
        1 => (lead(), lead()).prop_map(|(kept, gone)| Step::Merge { kept, gone }),
        2 => (1..40_i64).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// One thing that reports count by the day.
struct Counted {
    what: &'static str,
    branch: BranchId,
    day: Date,
    dimension: String,
}

/// What happened, written down beside the table.
struct Ledger {
    office: Office,
    leads: Vec<Lead>,
    owners: [Option<UserId>; 3],
    visited: HashSet<(LeadId, String)>,
    counted: Vec<Counted>,
}

impl Ledger {
    async fn new() -> Self {
        let office = Office::new().await;
        let owners = [None, Some(office.a_user()), Some(office.a_user())];
        Self { office, leads: Vec::new(), owners, visited: HashSet::new(), counted: Vec::new() }
    }

    fn branch(&self, other: bool) -> BranchId {
        if other { self.office.tenant.other_branch } else { self.office.tenant.branch }
    }

    fn count(&mut self, what: &'static str, branch: BranchId, dimension: &str) {
        let day = self.office.world.platform.now().to_zoned(TimeZone::UTC).date();
        self.counted.push(Counted { what, branch, day, dimension: dimension.to_owned() });
    }

    /// Commits changes together; what the table refuses has not happened.
    async fn commit(&mut self, changes: Vec<Change<Lead>>) {
        let grant = self.office.grant();
        let mut transaction = self.office.table().transaction();
        let after: Vec<Lead> =
            changes.into_iter().map(|change| transaction.push(&grant, change).expect("a change of ours")).collect();
        match transaction.commit().await {
            Ok(()) => {
                for lead in after {
                    let known = self.leads.iter_mut().find(|known| known.id == lead.id);
                    *known.expect("a known lead") = lead;
                }
            }
            Err(CommitError::Refused { .. }) => {}
            Err(CommitError::Store(error)) => panic!("{error}"),
        }
    }

    fn one(&self, at: Index, deleted: bool) -> Option<Lead> {
        let of: Vec<&Lead> = self.leads.iter().filter(|lead| lead.meta.deleted_at.is_some() == deleted).collect();
        (!of.is_empty()).then(|| (*at.get(&of)).clone())
    }

    async fn take(&mut self, step: &Step) {
        let now = self.office.world.platform.now();
        let pipeline = Pipeline::default();
        match step {
            Step::Arrive { source, other_branch, owner, person } => {
                let branch = self.branch(*other_branch);
                let mut details = from(SOURCES[*source]);
                details.email = Some(format!("lead{person}@example.com").parse().expect("an address"));
                if self.leads.iter().any(|lead| lead.email == details.email && lead.meta.deleted_at.is_none()) {
                    return;
                }
                let lead = self.office.arrives(branch, self.owners[*owner], details).await;
                self.visited.insert((lead.id, "lead".into()));
                self.count("created", branch, "");
                self.count("source", branch, SOURCES[*source]);
                self.count("entered", branch, "lead");
                self.leads.push(lead);
            }
            Step::Move { lead, stage } => {
                let Some(lead) = self.one(*lead, false) else { return };
                let to = stage.get(pipeline.stages()).key.clone();
                let context = MoveContext { may_skip: true, reason: Some("a test") };
                let (id, branch) = (lead.id, lead.branch_id);
                let Ok(change) = lead.move_to(&to, &context, &pipeline, now) else { return };
                self.commit(vec![change]).await;
                if self.visited.insert((id, to.to_string())) {
                    self.count("entered", branch, to.as_str());
                    if to.as_str() == "converted" {
                        self.count("converted", branch, "");
                    }
                }
            }
            Step::Assign { lead, owner } => {
                let Some(lead) = self.one(*lead, false) else { return };
                self.commit(vec![lead.assign(self.owners[*owner], None, &pipeline, now)]).await;
            }
            Step::ChangeBranch { lead, other_branch } => {
                let patch = LeadPatch { branch_id: Some(self.branch(*other_branch)), ..LeadPatch::default() };
                let Some(lead) = self.one(*lead, false) else { return };
                self.commit(vec![lead.update(patch, &pipeline, now).expect("a change")]).await;
            }
            Step::ChangeSource { lead, source } => {
                let patch = LeadPatch { source: Some(from(SOURCES[*source]).source), ..LeadPatch::default() };
                let Some(lead) = self.one(*lead, false) else { return };
                self.commit(vec![lead.update(patch, &pipeline, now).expect("a change")]).await;
            }
            Step::Touch { lead, source } => {
                let Some(lead) = self.one(*lead, false) else { return };
                self.commit(vec![lead.touch(from(SOURCES[*source]), &pipeline, now)]).await;
            }
            Step::Delete { lead } => {
                let Some(lead) = self.one(*lead, false) else { return };
                self.commit(vec![lead.delete(&pipeline, now)]).await;
            }
            Step::Restore { lead } => {
                let Some(lead) = self.one(*lead, true) else { return };
                self.commit(vec![lead.restore(&pipeline, now)]).await;
            }
            Step::Merge { kept, gone } => {
                let (Some(kept), Some(gone)) = (self.one(*kept, false), self.one(*gone, false)) else { return };
                if kept.id != gone.id {
                    let (gone, kept) = kept.absorb(gone, &pipeline, now);
                    self.commit(vec![gone, kept]).await;
                }
            }
            Step::Wait { hours } => self.office.world.clock.advance(SignedDuration::from_hours(*hours)),
        }
    }

    fn daily(&self, what: &str, within: Within, days: impl Fn(Date) -> bool) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        let counted = self.counted.iter().filter(|counted| counted.what == what);
        for counted in counted.filter(|counted| within.has(counted.branch) && days(counted.day)) {
            *sums.entry(counted.dimension.clone()).or_default() += 1;
        }
        sums
    }

    fn standing(&self, within: Within) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        let live = self.leads.iter().filter(|lead| lead.meta.deleted_at.is_none());
        for lead in live.filter(|lead| within.has(lead.branch_id)) {
            *sums.entry(lead.status.to_string()).or_default() += 1;
        }
        sums
    }

    fn held(&self) -> std::collections::HashMap<String, i64> {
        let mut sums = std::collections::HashMap::new();
        let open =
            |lead: &&Lead| lead.meta.deleted_at.is_none() && !["converted", "lost"].contains(&lead.status.as_str());
        for owner in self.leads.iter().filter(open).filter_map(|lead| lead.assigned_to) {
            *sums.entry(owner.to_string()).or_default() += 1;
        }
        sums
    }
}

/// The organization, or one branch.
#[derive(Clone, Copy)]
struct Within(Option<BranchId>);

impl Within {
    fn has(self, branch: BranchId) -> bool {
        self.0.is_none_or(|within| within == branch)
    }
}

/// The figures above 0 of a report's lines.
fn lines(report: &Value, name: &str, figure: &str) -> BTreeMap<String, u64> {
    let lines = report.as_array().expect("lines").iter();
    lines
        .map(|line| (line[name].as_str().unwrap_or_default().to_owned(), line[figure].as_u64().expect("a figure")))
        .filter(|(_, figure)| *figure > 0)
        .collect()
}

async fn reports_equal_the_recount(steps: &[Step]) {
    let mut ledger = Ledger::new().await;
    for step in steps {
        ledger.take(step).await;
    }
    let office = &ledger.office;
    let branch = office.tenant.branch;
    let admin = office.world.a_person(&office.tenant, Role::Admin, branch).await;
    let manager = office.world.a_person(&office.tenant, Role::Manager, branch).await;
    let today = office.world.platform.now().to_zoned(TimeZone::UTC).date();
    for (person, within) in [(&admin, Within(None)), (&manager, Within(Some(branch)))] {
        for days in [2_i32, 30] {
            let in_range = |day: Date| (0..days).contains(&(today - day).get_days());
            let before = |day: Date| (days..2 * days).contains(&(today - day).get_days());
            let sum = |what, range: &dyn Fn(Date) -> bool| ledger.daily(what, within, range).values().sum::<u64>();

            let sources = office.report(person, &format!("leads/sources?range={days}d")).await;
            let mut expected = ledger.daily("source", within, in_range);
            assert_eq!(sources["total"], expected.values().sum::<u64>());
            assert_eq!(lines(&sources["sources"], "source", "count"), expected);

            let funnel = office.report(person, &format!("leads/funnel?range={days}d")).await;
            let (mut entered, mut current) = (ledger.daily("entered", within, in_range), ledger.standing(within));
            assert_eq!(funnel["lost"]["entered"], entered.remove("lost").unwrap_or(0));
            assert_eq!(funnel["lost"]["current"], current.remove("lost").unwrap_or(0));
            assert_eq!(lines(&funnel["stages"], "key", "entered"), entered);
            assert_eq!(lines(&funnel["stages"], "key", "current"), current);

            let dashboard = office.report(person, &format!("dashboard?range={days}d")).await;
            let leads = sum("created", &in_range);
            assert_eq!(dashboard["overview"]["totalLeads"], leads);
            assert_eq!(dashboard["overview"]["totalStudents"], sum("converted", &in_range));
            let change = domain::funnel::Percent::change(leads, sum("created", &before));
            assert_eq!(dashboard["trends"]["leadsChange"], serde_json::json!(change));
            if let Some(none) = expected.remove("") {
                expected.insert("Unknown".into(), none);
            }
            assert_eq!(lines(&dashboard["leadSources"], "source", "count"), expected);
        }
        let standing = office.report(person, "leads/pipeline").await;
        let expected = ledger.standing(within);
        assert_eq!(standing["total"], expected.values().sum::<u64>());
        assert_eq!(lines(&standing["stages"], "key", "count"), expected);
    }
    assert_eq!(office.held().await, ledger.held());
    let dashboard = office.report(&admin, "dashboard").await;
    assert_eq!(dashboard["overview"]["activeUsers"], ledger.held().len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn reports_equal_a_recount_after_any_history(steps in prop::collection::vec(a_step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(reports_equal_the_recount(&steps));
    }
}
