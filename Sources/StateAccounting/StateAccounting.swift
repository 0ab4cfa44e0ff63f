// StateAccounting
