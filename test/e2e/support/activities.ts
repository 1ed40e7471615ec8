/** What the test Workers can do. */
export const activities: {
  greet(name: string): Promise<string>;
  noteReplay(): Promise<void>;
} = {
  async greet(name: string): Promise<string> {
    return `Hello ${name}!`;
  },
  async noteReplay(): Promise<void> {},
};

export type Activities = typeof activities;
