{-# LANGUAGE TypeOperators #-}
-- Typeable and Dynamic: casts by type, type representations, heterogeneous lists.
module Main (main) where

import Data.Dynamic
import Data.Maybe
import qualified Data.Map as M
import Data.Typeable

data Mine a = Mine a deriving (Show)

main :: IO ()
main = do
  let ds = [toDyn (1 :: Int), toDyn "two", toDyn 'c', toDyn (Just (4.5 :: Double)), toDyn (succ :: Int -> Int)]
  print ds
  print (mapMaybe fromDynamic ds :: [Int], mapMaybe fromDynamic ds :: [String])
  print (fromDynamic =<< dynApply (ds !! 4) (head ds) :: Maybe Int)
  print (typeOf (M.fromList [('a', [Just ()])]), typeOf (Mine (Right 3 :: Either Bool Int)))
  print (cast 'x' :: Maybe Char, cast 'x' :: Maybe Int, (gcast (Just 'y') :: Maybe (Maybe Char)))
  print (typeRep (Proxy :: Proxy Either), typeRepTyCon (typeOf (Mine 'c')), splitTyConApp (typeOf [True]))
  print (eqT :: Maybe (Int :~: Int), typeOf (undefined :: (Int, Char -> IO ())))
