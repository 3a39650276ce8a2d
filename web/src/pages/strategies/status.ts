interface Look {
  readonly label: string;
  readonly color: string;
}

/** How the status of a strategy or a basket looks. */
export const STATUS: Readonly<Record<"DRAFT" | "ACTIVE" | "INACTIVE" | "DELETED", Look>> = {
  DRAFT: { label: "Draft", color: "gray" },
  ACTIVE: { label: "Active", color: "teal" },
  INACTIVE: { label: "Inactive", color: "yellow" },
  DELETED: { label: "Deleted", color: "red" },
};
