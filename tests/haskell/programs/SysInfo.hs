-- System.Info, Data.Version and the constants of the machine: the guest claims to be what the
-- packages were compiled for.
module Main (main) where

import Data.Version
import System.Info
import Text.ParserCombinators.ReadP

main :: IO ()
main = do
  putStrLn (unwords [os, arch, compilerName, showVersion compilerVersion])
  print (maxBound :: Int)
  let v = makeVersion [1, 20, 3]
  print (v, showVersion v, v > makeVersion [1, 3], v { versionBranch = [2] })
  print [x | (x, "") <- readP_to_S parseVersion "9.0.2-beta-rc"]
