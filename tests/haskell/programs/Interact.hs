-- interact, lazily: a sum for each line of numbers. Catches a lazy read that waits for more
-- than it needs or drops the last line.
module Main (main) where

main :: IO ()
main = interact (unlines . map (show . sum . map readInt . words) . lines)

readInt :: String -> Int
readInt = read
