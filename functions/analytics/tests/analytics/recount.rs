//! Whatever happened to the leads, the reports say what a recount says.

use std::collections::{BTreeMap, HashSet};

use domain::lead::LeadPatch;
use domain::pipeline::{MoveContext, Pipeline};
use domain::{BranchId, Call, Change, Lead, LeadId, Reminder, Role, UserId};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use store::CommitError;
use testkit::Person;

use crate::activity::{self, Done};
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
    Act(activity::Step),
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
        12 => activity::a_step().prop_map(Step::Act),
        2 => (1..40_i64).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// One thing that reports count by the day.
struct Counted {
    what: &'static str,
    branch: BranchId,
    owner: Option<UserId>,
    day: Date,
    dimension: String,
}

/// What happened, written down beside the table.
struct Ledger {
    office: Office,
    leads: Vec<Lead>,
    /// Who leads, calls and reminders are given to: nobody, and two agents.
    owners: [Option<UserId>; 3],
    /// Asks for what people do.
    admin: Person,
    calls: Vec<String>,
    reminders: Vec<String>,
    visited: HashSet<(LeadId, String)>,
    counted: Vec<Counted>,
}

impl Ledger {
    async fn new() -> Self {
        let office = Office::new().await;
        let (world, tenant) = (&office.world, &office.tenant);
        let admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
        let here = world.a_person(tenant, Role::Agent, tenant.branch).await.user;
        let there = world.a_person(tenant, Role::Agent, tenant.other_branch).await.user;
        Self {
            owners: [None, Some(here), Some(there)],
            admin,
            calls: Vec::new(),
            reminders: Vec::new(),
            office,
            leads: Vec::new(),
            visited: HashSet::new(),
            counted: Vec::new(),
        }
    }

    fn branch(&self, other: bool) -> BranchId {
        if other { self.office.tenant.other_branch } else { self.office.tenant.branch }
    }

    fn count(&mut self, what: &'static str, branch: BranchId, dimension: &str) {
        self.count_of(what, branch, None, dimension);
    }

    fn count_of(&mut self, what: &'static str, branch: BranchId, owner: Option<UserId>, dimension: &str) {
        let day = self.office.world.platform.now().to_zoned(TimeZone::UTC).date();
        self.counted.push(Counted { what, branch, owner, day, dimension: dimension.to_owned() });
    }

    /// A lead came to whoever has it: an entry of theirs, where it is open.
    fn given(&mut self, lead: &Lead) {
        let Some(owner) = lead.assigned_to else { return };
        self.count_of("given", lead.branch_id, Some(owner), lead.source.as_ref().map_or("", |source| source.as_str()));
        if is_open(lead) {
            self.count_of("worked", lead.branch_id, Some(owner), lead.status.as_str());
        }
    }

    /// What somebody does, asked of the real router.
    async fn act(&mut self, step: &activity::Step) {
        let (calls, reminders) = (self.calls.as_slice(), self.reminders.as_slice());
        let people = [self.admin.user, self.owners[1].expect("an agent"), self.owners[2].expect("an agent")];
        let branches = [self.office.tenant.branch, self.office.tenant.other_branch];
        let Some(ask) = step.ask(calls, reminders, &people, &branches, self.office.world.platform.now()) else {
            return;
        };
        let answer = ask.by(&self.admin).of(&self.office.activities).await;
        match step.makes() {
            Some(activity::Made::Call) => self.calls.push(id_of(&answer.data(201))),
            Some(activity::Made::Reminder) => self.reminders.push(id_of(&answer.data(201))),
            // A step that a record does not allow, or of one that is deleted, has not happened.
            None => assert!([200, 404, 409, 422].contains(&answer.status.as_u16()), "{:?}", answer.json()),
        }
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
                self.given(&lead);
                self.leads.push(lead);
            }
            Step::Move { lead, stage } => {
                let Some(lead) = self.one(*lead, false) else { return };
                let to = stage.get(pipeline.stages()).key.clone();
                let context = MoveContext { may_skip: true, reason: Some("a test") };
                let (id, branch, owner) = (lead.id, lead.branch_id, lead.assigned_to);
                let Ok(change) = lead.move_to(&to, &context, &pipeline, now) else { return };
                self.commit(vec![change]).await;
                if self.visited.insert((id, to.to_string())) {
                    self.count("entered", branch, to.as_str());
                    self.count_of("worked", branch, owner, to.as_str());
                    if to.as_str() == "converted" {
                        self.count_of("converted", branch, owner, "");
                    }
                }
            }
            Step::Assign { lead, owner } => {
                let Some(lead) = self.one(*lead, false) else { return };
                let (to, before) = (self.owners[*owner], lead.assigned_to);
                let given = Lead { assigned_to: to, ..lead.clone() };
                self.commit(vec![lead.assign(to, None, &pipeline, now)]).await;
                if to != before {
                    self.given(&given);
                }
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
            Step::Act(step) => self.act(step).await,
            Step::Wait { hours } => {
                self.office.world.clock.advance(SignedDuration::from_hours(*hours));
                // Their token ended meanwhile.
                let (world, tenant) = (&self.office.world, &self.office.tenant);
                self.admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
            }
        }
    }

    fn daily(&self, what: &str, within: Within, days: impl Fn(Date) -> bool) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        let counted = self.counted.iter().filter(|counted| counted.what == what);
        for counted in counted.filter(|counted| within.has(counted.branch, counted.owner) && days(counted.day)) {
            *sums.entry(counted.dimension.clone()).or_default() += 1;
        }
        sums
    }

    fn standing(&self, within: Within) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        let live = self.leads.iter().filter(|lead| lead.meta.deleted_at.is_none());
        for lead in live.filter(|lead| within.has(lead.branch_id, lead.assigned_to)) {
            *sums.entry(lead.status.to_string()).or_default() += 1;
        }
        sums
    }

    fn held(&self) -> std::collections::HashMap<String, i64> {
        let mut sums = std::collections::HashMap::new();
        let open = |lead: &&Lead| lead.meta.deleted_at.is_none() && is_open(lead);
        for owner in self.leads.iter().filter(open).filter_map(|lead| lead.assigned_to) {
            *sums.entry(owner.to_string()).or_default() += 1;
        }
        sums
    }
}

fn is_open(lead: &Lead) -> bool {
    !["converted", "lost"].contains(&lead.status.as_str())
}

fn id_of(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

/// Whose rows.
#[derive(Clone, Copy)]
pub(crate) enum Within {
    Organization,
    Branch(BranchId),
    Person(UserId),
}

impl Within {
    pub(crate) fn has(self, branch: BranchId, owner: Option<UserId>) -> bool {
        match self {
            Self::Organization => true,
            Self::Branch(within) => within == branch,
            Self::Person(user) => owner == Some(user),
        }
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

/// Days before today, as far as a range of so many reaches; and those of the range before.
type InRange<'a> = &'a dyn Fn(Date) -> bool;

/// The reports on leads of the rows of the organization or of a branch.
async fn leads_are_right(
    ledger: &Ledger,
    person: &Person,
    within: Within,
    days: i32,
    now: InRange<'_>,
    before: InRange<'_>,
) {
    let office = &ledger.office;
    let sum = |what, range: InRange<'_>| ledger.daily(what, within, range).values().sum::<u64>();

    let sources = office.report(person, &format!("leads/sources?range={days}d")).await;
    let mut expected = ledger.daily("source", within, now);
    assert_eq!(sources["total"], expected.values().sum::<u64>());
    assert_eq!(lines(&sources["sources"], "source", "count"), expected);

    let funnel = office.report(person, &format!("leads/funnel?range={days}d")).await;
    funnel_is(&funnel, ledger.daily("entered", within, now), ledger.standing(within));

    let dashboard = office.report(person, &format!("dashboard?range={days}d")).await;
    let leads = sum("created", now);
    assert_eq!(dashboard["overview"]["totalLeads"], leads);
    assert_eq!(dashboard["overview"]["totalStudents"], sum("converted", now));
    let change = domain::funnel::Percent::change(leads, sum("created", before));
    assert_eq!(dashboard["trends"]["leadsChange"], json!(change));
    if let Some(none) = expected.remove("") {
        expected.insert("Unknown".into(), none);
    }
    assert_eq!(lines(&dashboard["leadSources"], "source", "count"), expected);

    let overview = office.report(person, &format!("overview?range={days}d")).await;
    assert_eq!(overview["leads"]["total"], leads);
    assert_eq!(overview["leads"]["converted"], sum("converted", now));
    assert_eq!(overview["leads"]["lost"], ledger.daily("entered", within, now).get("lost").copied().unwrap_or(0));
}

fn funnel_is(funnel: &Value, mut entered: BTreeMap<String, u64>, mut current: BTreeMap<String, u64>) {
    assert_eq!(funnel["lost"]["entered"], entered.remove("lost").unwrap_or(0));
    assert_eq!(funnel["lost"]["current"], current.remove("lost").unwrap_or(0));
    assert_eq!(lines(&funnel["stages"], "key", "entered"), entered);
    assert_eq!(lines(&funnel["stages"], "key", "current"), current);
}

/// The reports of one person: by whoever reaches them, and what was done by the day.
async fn a_person_is_right(ledger: &Ledger, admin: &Person, agent: UserId, days: i32, now: InRange<'_>, done: &Done) {
    let (office, within) = (&ledger.office, Within::Person(agent));
    let funnel = office.report(admin, &format!("leads/funnel?range={days}d&agent_id={agent}")).await;
    funnel_is(&funnel, ledger.daily("worked", within, now), ledger.standing(within));
    let whole = ledger.counted.iter().filter(|counted| counted.what == "worked" && counted.owner.is_some());
    let mut team = BTreeMap::new();
    for counted in whole.filter(|counted| now(counted.day)) {
        *team.entry(counted.dimension.clone()).or_default() += 1;
    }
    funnel_is(&funnel["comparison"]["team"], team, ledger.standing(Within::Organization));

    let sources = office.report(admin, &format!("leads/sources?range={days}d&agent_id={agent}")).await;
    assert_eq!(lines(&sources["sources"], "source", "count"), ledger.daily("given", within, now));
    let worked = |what: &str, stage: &str| ledger.daily(what, within, now).get(stage).copied().unwrap_or(0);
    let given: u64 = ledger.daily("given", within, now).values().sum();
    let standing = ledger.standing(within);
    for path in
        [format!("overview?agent_id={agent}&range={days}d"), format!("agents/{agent}/performance?range={days}d")]
    {
        let report = office.report(admin, &path).await;
        let leads = &report["leads"];
        assert_eq!((&leads["total"], &leads["converted"]), (&json!(given), &json!(worked("worked", "converted"))));
        assert_eq!(leads["lost"], worked("worked", "lost"));
        assert_eq!(report["now"]["leads"], standing.values().sum::<u64>());
        let held = ledger.held().get(&agent.to_string()).copied().unwrap_or(0);
        assert_eq!(report["now"]["open_leads"], held);
        done.is_told(&report, within, days, now);
    }
    let calls = office.report(admin, &format!("calls?range={days}d&agent_id={agent}")).await;
    done.calls_are_told(&calls, within, now, &|_| true);
}

async fn reports_equal_the_recount(steps: &[Step]) {
    let mut ledger = Ledger::new().await;
    for step in steps {
        ledger.take(step).await;
    }
    let office = &ledger.office;
    let done = Done { calls: office.all::<Call>().await, reminders: office.all::<Reminder>().await };
    let branch = office.tenant.branch;
    let admin = office.world.a_person(&office.tenant, Role::Admin, branch).await;
    let manager = office.world.a_person(&office.tenant, Role::Manager, branch).await;
    let today = office.world.platform.now().to_zoned(TimeZone::UTC).date();
    for days in [2_i32, 30] {
        let in_range = |day: Date| (0..days).contains(&(today - day).get_days());
        let before = |day: Date| (days..2 * days).contains(&(today - day).get_days());
        for (person, within) in [(&admin, Within::Organization), (&manager, Within::Branch(branch))] {
            leads_are_right(&ledger, person, within, days, &in_range, &before).await;
            let overview = office.report(person, &format!("overview?range={days}d")).await;
            done.is_told(&overview, within, days, &in_range);
            let calls = office.report(person, &format!("calls?range={days}d")).await;
            done.calls_are_told(&calls, within, &in_range, &|_| true);
            let path = format!("calls?range={days}d&status=completed&outcome=interested,none");
            let some = office.report(person, &path).await;
            done.calls_are_told(&some, within, &in_range, &activity::some);
            let dashboard = office.report(person, &format!("dashboard?range={days}d")).await;
            assert_eq!(dashboard["communicationStats"]["phone"], calls["total"]);
        }
        for agent in ledger.owners.into_iter().flatten() {
            a_person_is_right(&ledger, &admin, agent, days, &in_range, &done).await;
        }
    }
    for (person, within) in [(&admin, Within::Organization), (&manager, Within::Branch(branch))] {
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
    fn reports_equal_a_recount_after_any_history(steps in prop::collection::vec(a_step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(Box::pin(reports_equal_the_recount(&steps)));
    }
}
