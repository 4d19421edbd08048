-- A status above 255 becomes 255, as the top handler of base says.
module Main (main) where

import System.Exit

main :: IO ()
main = putStrLn "big" >> exitWith (ExitFailure 1000)
