//! Who may do what at the console.

use crate::code::code_enum;

code_enum! {
    /// What someone is to a company.
    pub enum Role {
        /// Runs the house: users and the company itself, and all below.
        Admin = "admin",
        /// Decides how and when customers are reached, and all that a collector does.
        Manager = "manager",
        /// Talks with customers and records what comes of it.
        Collector = "collector",
        /// Sees everything, changes nothing.
        Auditor = "auditor",
    }
}

code_enum! {
    /// One kind of thing that may be done.
    pub enum Permission {
        /// Look at customers, documents, figures, reasons.
        See = "see",
        /// Write down what a customer said: notes, calls, promises, holds, tasks.
        Work = "work",
        /// Record money.
        Money = "money",
        /// Release, hold, cancel and repeat what goes out.
        Outreach = "outreach",
        /// Bring files in and take them back.
        Import = "import",
        /// Change the policy.
        Policy = "policy",
        /// Read who looked at what.
        Log = "log",
        /// Invite users and give roles.
        Users = "users",
        /// Change the company.
        Company = "company",
    }
}

code_enum! {
    /// What a link that is good once is for.
    pub enum LinkPurpose {
        /// To become the first administrator of an empty database.
        FirstAdmin = "first_admin",
        /// To take a seat at a company.
        Invitation = "invitation",
        /// To choose a new password.
        Reset = "reset",
    }
}

impl Role {
    /// Whether someone of this role may do this.
    ///
    /// ```
    /// use domain::user::{Permission, Role};
    /// assert!(Role::Collector.may(Permission::Work));
    /// assert!(!Role::Auditor.may(Permission::Work));
    /// ```
    pub const fn may(self, what: Permission) -> bool {
        use Permission::{Company, Import, Log, Money, Outreach, Policy, See, Users, Work};
        match what {
            See => true,
            Work | Money => matches!(self, Self::Admin | Self::Manager | Self::Collector),
            Outreach | Import | Policy => matches!(self, Self::Admin | Self::Manager),
            Log => matches!(self, Self::Admin | Self::Auditor),
            Users | Company => matches!(self, Self::Admin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_table_says() {
        let table = |role: Role| -> Vec<&str> {
            let may = Permission::ALL.iter().filter(|&&what| role.may(what));
            may.map(|what| what.code()).collect()
        };
        assert_eq!(table(Role::Auditor), ["see", "log"]);
        assert_eq!(table(Role::Collector), ["see", "work", "money"]);
        assert_eq!(
            table(Role::Manager),
            ["see", "work", "money", "outreach", "import", "policy"]
        );
        assert_eq!(table(Role::Admin).len(), Permission::ALL.len());
    }
}
